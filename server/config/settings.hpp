#pragma once
/// @file settings.hpp
/// What the operator decides, typed. Meaning, default and bounds of each key stand in setting_keys.cpp.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <waxseal/bytes.hpp>
#include <waxseal/email_address.hpp>
#include <waxseal/link.hpp>

#include "values/ip_network.hpp"

namespace waxseal::server {

struct Settings {
  struct Server {
    std::string listen = "127.0.0.1:8080";
    std::string admin_listen;
    std::string base_path = "/api/v1/accounts";
    std::int64_t threads = 64;
    std::vector<std::string> cors_origins;
    std::vector<std::string> trusted_proxies;
  } server;
  struct Storage {
    std::string url = "sqlite:waxseal.db";
    std::chrono::seconds retention{365 * 86400};
  } storage;
  struct Users {
    std::string table, id_column = "id", email_column = "email", active_column = "is_active", credential_column;
    bool email_unique = true;
    std::string email_match = "canonical";
    bool require_active = true;
  } users;
  struct Auth {
    std::vector<std::string> schemes = {"token"};
    std::string token_table, jwt_key_file, jwt_algorithm, jwt_issuer, jwt_audience, jwt_key_id,
        jwt_account_claim = "sub", proxy_header;
  } auth;
  struct RegisterEmail {
    bool verification_enabled = true;
    std::chrono::seconds verification_period{7 * 86400};
    std::string verification_url, url_template, from, reply_to, templates_dir, default_language = "en";
    std::string email_policy = "strict";
    bool latest_only = true, one_time_use = true, notify_old_address = true;
    std::string undo_url;
    std::chrono::seconds undo_period{7 * 86400};
  } register_email;
  struct Signing {
    std::string keys_dir, issue = "ed25519";
    std::vector<std::string> accept = {"ed25519"};
    std::string django_secret_file;
    std::vector<std::string> django_secret_fallback_files;
  } signing;
  struct Mail {
    std::string transport = "smtp", directory, smtp_url, smtp_user, smtp_password_file, tls = "required", ca_file;
    std::string sendmail_path = "/usr/sbin/sendmail";
    std::int64_t workers = 1;
    std::chrono::seconds timeout{30};
    std::chrono::seconds give_up_after{2 * 86400};
  } mail;
  struct Limits {
    std::string per_user = "5/h", per_address = "3/h", per_domain = "100/h", per_ip = "20/h", global;
  } limits;
  struct Http {
    std::string non_field_errors_key;
  } http;
  struct Webhooks {
    std::string url, secret_file;
    std::vector<std::string> allow_hosts;
    /// Of the URL, in lower case, without port; an IPv6 address without its brackets. Empty: there is none.
    std::string host() const;
  } webhooks;
  struct Log {
    std::string level = "info", format = "text";
  } log;
};

/// Secrets, read from their files or from the environment. Never printed.
struct Secrets {
  std::string smtp_password;
  std::vector<std::string> django_secrets;  ///< Current first, then fallbacks.
  Bytes webhook;                            ///< What stands in base64 after `whsec_`; empty: there is no webhook.
  std::string jwt_key;                      ///< HS256's secret, or the public key in PEM.
};

/// Something wrong, or doubtful, about the configuration.
struct Problem {
  enum class Severity { warning, error };
  Severity severity;
  std::string key;      ///< "server.listen"; empty if it is about the file as a whole.
  std::string where;    ///< "waxseal.toml:3:10" or "WAXSEAL_SERVER_LISTEN"; empty for a default or a missing key.
  std::string message;  ///< What is wrong and what is allowed. Holds no secret.
};

/// Everything read, and everything wrong with it, at once.
struct Configuration {
  Settings settings;
  Secrets secrets;
  std::optional<LinkTemplate> url_template;
  std::vector<IpNetwork> trusted_proxies;
  std::map<std::string, std::string> positions;  ///< Where each key that was given stands, as in Problem::where.
  std::vector<Problem> problems;

  bool has_errors() const;
};

/// Whether mails are sent at all: with verification off there is only the notice to the old address, and a site that has no
/// sender and no transport for it gets along without.
bool sends_mails(const Settings& settings);

/// Whether a text is an origin as browsers write it: scheme and host in lower case, perhaps a port, and nothing more.
bool is_origin(const std::string& text);

/// Whether an `ADDRESS:PORT` is of this machine alone.
bool is_loopback(const std::string& listen);

/// "error: waxseal.toml:3:10: server.listen: …", one line.
std::string to_line(const Problem& problem);

using Environment = std::map<std::string, std::string>;

/// The variables of this process that start with WAXSEAL_.
Environment waxseal_environment();

/// Reads the file, then the environment over it, then checks values, files and contradictions. Never throws.
/// @param path  A missing file is an error of its own.
Configuration read_configuration(const std::string& path, const Environment& environment);

}  // namespace waxseal::server
