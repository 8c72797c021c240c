#pragma once
/// @file postgres_url.hpp
/// Where a PostgreSQL database is, as libpq's URLs say it (PostgreSQL 15 documentation, section 34.1.1.2), read by libpq itself.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <waxseal/error.hpp>

namespace waxseal::server {

class PostgresUrl {
 public:
  /// @param url  `postgresql://` or `postgres://`, one host or several. May hold a password: it is never part of an error.
  /// Fails with:  ErrorCode::invalid_fields  not such a URL, a parameter that libpq does not know, no database
  static Result<PostgresUrl> parse(std::string_view url);

  /// All that was given, as keywords and values for libpq, and what we want unless it was given: connecting takes 3 s at most a
  /// host, a machine that is gone is noticed within 10 s, other than loopback hosts must show a certificate.
  std::string connection_string() const;

  /// Hosts, ports and database, for people: `db-a:5432,db-b:5432/accounts`. No user, no password.
  std::string place() const;

  /// The `sslmode` in force; empty where no host is reached over a network.
  std::string tls_mode() const;

  bool holds_password() const { return options_.count("password") > 0; }

 private:
  std::map<std::string, std::string> options_;  ///< By libpq's keywords.
  std::vector<std::string> hosts_;              ///< Names, addresses, folders of sockets; empty: the default socket.

  bool is_remote() const;
  std::string option(const char* keyword, const char* otherwise) const;
};

/// Whether `storage.url` is of this engine.
inline bool is_postgres_url(std::string_view url) {
  return url.rfind("postgresql:", 0) == 0 || url.rfind("postgres:", 0) == 0;
}

}  // namespace waxseal::server
