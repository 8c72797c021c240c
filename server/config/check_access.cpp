#include "config/check_access.hpp"

namespace waxseal::server {
namespace {

void read_trusted_proxies(Configuration& configuration, Checker& check) {
  for (const std::string& proxy : configuration.settings.server.trusted_proxies) {
    if (const auto network = IpNetwork::parse(proxy)) {
      configuration.trusted_proxies.push_back(*network);
    } else {
      check.error("server.trusted_proxies",
                  "\"" + proxy +
                      "\" is no address and no network; allowed: \"10.0.0.1\", \"10.0.0.0/8\", \"2001:db8::/32\", "
                      "with no bits set beyond the prefix, and not everybody (\"/0\")");
    }
  }
}

void check_schemes(const Settings& settings, Checker& check) {
  const auto& schemes = settings.auth.schemes;
  for (auto scheme = schemes.begin(); scheme != schemes.end(); ++scheme) {
    if (std::find(schemes.begin(), scheme, *scheme) != scheme) {
      check.error("auth.schemes", "holds \"" + *scheme + "\" twice");
    }
  }
  if (contains(schemes, "jwt")) check.error("auth.schemes", "\"jwt\" is not there yet: allowed are token and proxy");
}

/// Letters, digits and hyphens: what every proxy passes on unchanged. Underscores are dropped by nginx, from whoever sends them.
bool is_header_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

/// Headers that clients send by themselves, or that mean something else here.
bool has_another_meaning(const std::string& name) {
  static const std::vector<std::string> taken = {"accept",
                                                 "authorization",
                                                 "connection",
                                                 "content-length",
                                                 "content-type",
                                                 "cookie",
                                                 "forwarded",
                                                 "from",
                                                 "host",
                                                 "origin",
                                                 "referer",
                                                 "te",
                                                 "transfer-encoding",
                                                 "user-agent",
                                                 "x-forwarded-for",
                                                 "x-request-id"};
  return contains(taken, ascii_lower(name));
}

void check_proxy_scheme(const Settings& settings, Checker& check) {
  const std::string& header = settings.auth.proxy_header;
  const bool in_schemes = contains(settings.auth.schemes, "proxy");
  if (!in_schemes) {
    if (!header.empty()) check.error("auth.proxy_header", "has no effect: auth.schemes lacks \"proxy\"");
    return;
  }
  if (header.empty()) {
    check.error("auth.proxy_header",
                "is missing: the header in which the proxy names the account, e.g. \"X-Waxseal-Account\"");
  } else if (!is_header_name(header)) {
    check.error("auth.proxy_header", "must be letters, digits and hyphens, e.g. \"X-Waxseal-Account\"");
  } else if (has_another_meaning(header)) {
    check.error("auth.proxy_header",
                "\"" + header + "\" has another meaning: choose a name of your own, e.g. \"X-Waxseal-Account\"");
  }
  if (settings.server.trusted_proxies.empty()) {
    check.error("auth.proxy_header", "needs server.trusted_proxies: anybody could send the header");
  }
}

}  // namespace

void check_access(Configuration& configuration, Checker& check) {
  read_trusted_proxies(configuration, check);
  check_schemes(configuration.settings, check);
  check_proxy_scheme(configuration.settings, check);
}

}  // namespace waxseal::server
