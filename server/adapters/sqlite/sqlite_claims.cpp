#include "adapters/sqlite/sqlite_claims.hpp"

#include "adapters/sqlite/bind.hpp"

namespace waxseal::server {

std::optional<std::string> SqliteClaims::holder_by_claim(const std::string& email_key,
                                                         std::string_view except_account) {
  SQLite::Statement& select = bind_all(
      connection_.prepare("SELECT account_id FROM waxseal_email_claim WHERE email_key = ?1 AND account_id <> ?2"),
      email_key, except_account);
  return select.executeStep() ? std::optional{select.getColumn(0).getString()} : std::nullopt;
}

bool SqliteClaims::still_has_key(const std::string& account_id, const std::string& email_key) {
  if (!key_of_) return true;
  SQLite::Statement& account = bind_all(connection_.prepare(sql_.find), account_id);
  return account.executeStep() && key_of_(account.getColumn(1).getString()) == email_key;
}

bool SqliteClaims::held_by_another(std::string_view account_id, const std::string& email_key, std::string_view email) {
  const std::optional<std::string> holder = holder_by_claim(email_key, account_id);
  if (writers_ == AccountWriters::we_alone) return holder.has_value();
  if (holder && still_has_key(*holder, email_key)) return true;
  return bind_all(connection_.prepare(sql_.other_with_email), email, account_id).executeStep();
}

bool SqliteClaims::claim(std::string_view account_id, const std::optional<std::string>& email_key,
                         std::string_view email) {
  bind_all(connection_.prepare("DELETE FROM waxseal_email_claim WHERE account_id = ?1"), account_id).exec();
  if (!email_key) return true;
  if (held_by_another(account_id, *email_key, email)) return false;
  bind_all(connection_.prepare("INSERT OR REPLACE INTO waxseal_email_claim (email_key, account_id) VALUES (?1, ?2)"),
           *email_key, account_id)
      .exec();
  return true;
}

Result<void> SqliteClaims::rebuild() {
  connection_.database().exec("DELETE FROM waxseal_email_claim");
  SQLite::Statement& accounts = connection_.prepare(sql_.list);
  while (accounts.executeStep()) {
    const std::string id = accounts.getColumn(0).getString();
    const std::string email = accounts.getColumn(1).getString();
    const std::optional<std::string> key = email.empty() ? std::nullopt : key_of_(email);
    if (!key) continue;
    if (accounts.getColumn(0).isNull()) {
      return tl::make_unexpected(account_without_id());
    }
    const bool claimed =
        bind_all(
            connection_.prepare("INSERT OR IGNORE INTO waxseal_email_claim (email_key, account_id) VALUES (?1, ?2)"),
            *key, id)
            .exec() == 1;
    if (!claimed) {
      return tl::make_unexpected(shared_address(holder_by_claim(*key, id).value_or(id), id));
    }
  }
  return {};
}

}  // namespace waxseal::server
