#include "config/check_access.hpp"

#include <filesystem>

#include "config/secret_file.hpp"
#include "values/text.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t least_jwt_secret_bytes = 32;

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

/// The key as far as it can be told without reading it as one: see Application::make_token_verifier.
void check_jwt_key(const std::string& key, const std::string& algorithm, Checker& check) {
  const bool pem = key.find("-----BEGIN ") != std::string::npos;
  if (key.find("PRIVATE KEY-----") != std::string::npos) {
    check.error("auth.jwt_key_file", "holds a private key: only the issuer may have it; give the public one here");
  } else if (algorithm == "HS256" && pem) {
    check.error("auth.jwt_key_file", "holds PEM, which is no secret: HS256 needs one of 32 random bytes or more");
  } else if (algorithm == "HS256" && key.size() < least_jwt_secret_bytes) {
    check.error("auth.jwt_key_file", "the secret has under 32 bytes: it may be guessed");
  } else if (algorithm != "HS256" && key.find("-----BEGIN PUBLIC KEY-----") == std::string::npos) {
    check.error("auth.jwt_key_file", "must hold a public key in PEM: BEGIN PUBLIC KEY");
  }
}

void check_jwt_scheme(const Configuration& configuration, Checker& check) {
  const auto& auth = configuration.settings.auth;
  if (!contains(auth.schemes, "jwt")) {
    const std::pair<const char*, const std::string&> keys[] = {{"auth.jwt_key_file", configuration.secrets.jwt_key},
                                                               {"auth.jwt_key_file", auth.jwt_key_file},
                                                               {"auth.jwt_algorithm", auth.jwt_algorithm},
                                                               {"auth.jwt_issuer", auth.jwt_issuer},
                                                               {"auth.jwt_audience", auth.jwt_audience},
                                                               {"auth.jwt_key_id", auth.jwt_key_id}};
    for (const auto& [key, value] : keys) {
      if (!value.empty()) check.error(key, "has no effect: auth.schemes lacks \"jwt\"");
    }
    return;
  }
  if (auth.jwt_algorithm.empty()) {
    check.error("auth.jwt_algorithm", "is missing; allowed: \"HS256\", \"RS256\", \"ES256\"");
  } else if (configuration.secrets.jwt_key.empty()) {
    check.error("auth.jwt_key_file", "is missing or empty: the key that JWTs are checked with");
  } else {
    check_jwt_key(configuration.secrets.jwt_key, auth.jwt_algorithm, check);
  }
  if (auth.jwt_account_claim.empty()) check.error("auth.jwt_account_claim", "must name a claim, e.g. \"sub\"");
  if (auth.jwt_issuer.empty() && auth.jwt_audience.empty()) {
    check.warning("auth.jwt_audience", "is empty, and so is jwt_issuer: every token that the key signed signs in here");
  }
}

}  // namespace

std::string read_jwt_key(const Settings::Auth& auth, Checker& check) {
  auto file = read_secret_file(auth.jwt_key_file);
  if (!file) {
    check.error("auth.jwt_key_file", file.error().log_detail);
    return {};
  }
  if (auth.jwt_algorithm == "HS256") {
    for (std::string& doubt : file->doubts) check.warning("auth.jwt_key_file", std::move(doubt));
    return std::move(file->secret);
  }
  // A public key has lines, and everybody may read it; but whoever writes it signs in as anybody.
  std::error_code unknown;
  const auto others_write = std::filesystem::perms::others_write;
  if ((std::filesystem::status(auth.jwt_key_file, unknown).permissions() & others_write) == others_write && !unknown) {
    check.warning("auth.jwt_key_file",
                  auth.jwt_key_file + " can be written by everybody: chmod o-w " + auth.jwt_key_file);
  }
  return std::move(file->secret);
}

void check_access(Configuration& configuration, Checker& check) {
  read_trusted_proxies(configuration, check);
  check_schemes(configuration.settings, check);
  check_proxy_scheme(configuration.settings, check);
  check_jwt_scheme(configuration, check);
}

}  // namespace waxseal::server
