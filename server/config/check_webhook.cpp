#include "config/check_webhook.hpp"
#include "values/text.hpp"

#include <waxseal/hmac.hpp>

namespace waxseal::server {
namespace {

// Standard Webhooks allows 24 to 64; what is new need not be short.
constexpr std::size_t least_secret_bytes = 32;
constexpr std::size_t most_secret_bytes = 64;

/// With a scheme of the web, and nothing in it that a request line cannot hold.
bool is_url(const std::string& text) {
  const bool is_http = text.rfind("https://", 0) == 0 || text.rfind("http://", 0) == 0;
  return is_http && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

Bytes webhook_secret_of(const std::string& text, Checker& check) {
  constexpr std::string_view start = "whsec_";
  const auto bytes = text.rfind(start, 0) == 0 ? decode_base64(std::string_view{text}.substr(start.size())) : Bytes{};
  if (bytes && bytes->size() >= least_secret_bytes && bytes->size() <= most_secret_bytes) return *bytes;
  check.error("webhooks.secret_file",
              "must hold whsec_ and 32 to 64 random bytes in base64: echo \"whsec_$(openssl rand -base64 32)\"");
  return {};
}

void check_webhook(const Configuration& configuration, Checker& check) {
  const auto& webhooks = configuration.settings.webhooks;
  if (webhooks.url.empty()) {
    if (!webhooks.secret_file.empty()) check.error("webhooks.url", "is missing: who is told of changes");
    return;
  }
  const std::string host = webhooks.host();
  if (!is_url(webhooks.url) || host.empty() || webhooks.url.find_first_of("@#") != std::string::npos) {
    check.error("webhooks.url", "must be https://HOST/PATH in ASCII, without a login and without #");
  } else if (webhooks.url.rfind("https://", 0) != 0 && !contains(webhooks.allow_hosts, host)) {
    check.error("webhooks.url", "must begin with https://, unless webhooks.allow_hosts names \"" + host + "\"");
  }
  for (const std::string& allowed : webhooks.allow_hosts) {
    if (allowed.empty() || allowed.find_first_of("/@#?* ") != std::string::npos || allowed != ascii_lower(allowed)) {
      check.error(
          "webhooks.allow_hosts",
          "\"" + allowed + "\" is no host; allowed: a name or an address in lower case, without port or pattern");
    }
  }
  if (configuration.secrets.webhook.empty()) {
    check.error("webhooks.secret_file", "is missing: the file with the secret that signs what webhooks.url is told");
  }
}

}  // namespace waxseal::server
