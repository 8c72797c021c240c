#include "config/check_storage.hpp"

#include "config/setting_keys.hpp"
#include "values/postgres_url.hpp"

namespace waxseal::server {
namespace {

constexpr const char* key = "storage.url";

/// Addresses, hashes and the role's password go to whoever answers: it must be the right one.
void check_tls(const PostgresUrl& url, Checker& check) {
  const std::string mode = url.tls_mode();
  if (mode.empty() || mode == "verify-full") return;
  if (mode == "verify-ca") {
    check.warning(key, "sslmode=verify-ca does not look at the name in the server's certificate: better verify-full");
    return;
  }
  check.error(key, "sslmode=" + mode +
                       " lets anybody in the network be the database; allowed for hosts other than this machine: "
                       "verify-full (the default; with sslrootcert=FILE) and verify-ca");
}

void check_postgres(const std::string& text, Checker& check) {
  const auto url = PostgresUrl::parse(text);
  if (!url) {
    check.error(key, url.error().log_detail);
    return;
  }
  check_tls(*url, check);
}

/// A link whose change record was forgotten is refused, and an undo link that is must not be: it is all that its owner has.
void check_retention(const Settings& settings, Checker& check) {
  const auto& links = settings.register_email;
  const std::pair<const char*, std::chrono::seconds> periods[] = {
      {"register_email.verification_period", links.verification_period},
      {"register_email.undo_period", links.undo_period}};
  for (const auto& [name, period] : periods) {
    if (settings.storage.retention >= period) continue;
    check.error("storage.retention", "is shorter than " + std::string{name} + " (" + duration_text(period) +
                                         "): the record of a change must outlive every link on it");
  }
}

}  // namespace

void check_storage(const Settings& settings, Checker& check) {
  const std::string& url = settings.storage.url;
  const std::string sqlite = "sqlite:";
  if (is_postgres_url(url)) {
    check_postgres(url, check);
  } else if (url.rfind(sqlite, 0) != 0 || url.size() == sqlite.size()) {
    check.error(key, "must be sqlite:FILE or postgresql://HOST/DATABASE");
  }
  check_retention(settings, check);
}

}  // namespace waxseal::server
