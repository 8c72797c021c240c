#include "adapters/postgres/postgres_claims.hpp"

namespace waxseal::server {

std::optional<std::string> PostgresClaims::holder_by_claim(const std::string& email_key,
                                                           std::string_view except_account) {
  const pqxx::result found =
      transaction_.run("SELECT account_id FROM waxseal_email_claim WHERE email_key = $1 AND account_id <> $2",
                       email_key, except_account);
  return found.empty() ? std::nullopt : std::optional<std::string>{found[0][0].c_str()};
}

bool PostgresClaims::still_has_key(const std::string& account_id, const std::string& email_key) {
  if (!key_of_) return true;
  const pqxx::result account = transaction_.run(sql_.find, account_id);
  return !account.empty() && key_of_(account[0][1].c_str()) == email_key;
}

bool PostgresClaims::held_by_another(std::string_view account_id, const std::string& email_key,
                                     std::string_view email) {
  const std::optional<std::string> holder = holder_by_claim(email_key, account_id);
  if (writers_ == AccountWriters::we_alone) return holder.has_value();
  if (holder && still_has_key(*holder, email_key)) return true;
  return transaction_.is_any(sql_.other_with_email, email, account_id);
}

bool PostgresClaims::claim(std::string_view account_id, const std::optional<std::string>& email_key,
                           std::string_view email) {
  if (!email_key) {
    transaction_.write("DELETE FROM waxseal_email_claim WHERE account_id = $1", account_id);
    return true;
  }
  if (writers_ == AccountWriters::others_too) {
    if (held_by_another(account_id, *email_key, email)) return false;
    // What is left is another's claim that counts for nothing any more, unless it was made anew meanwhile.
    if (const auto holder = holder_by_claim(*email_key, account_id); holder && !still_has_key(*holder, *email_key)) {
      transaction_.write("DELETE FROM waxseal_email_claim WHERE email_key = $1 AND account_id = $2", *email_key,
                         *holder);
    }
  }
  // One's own claim moves; another one's key stops it. Who claims the same key at the same time is waited for.
  transaction_.write("DELETE FROM waxseal_email_claim WHERE account_id = $1", account_id);
  return transaction_.write(
             "INSERT INTO waxseal_email_claim (email_key, account_id) VALUES ($1, $2) ON CONFLICT (email_key) DO "
             "NOTHING",
             *email_key, account_id) == 1;
}

std::optional<std::string> PostgresClaims::key_of_row(const pqxx::row& account) const {
  const std::string email = account[1].c_str();
  return email.empty() ? std::nullopt : key_of_(email);
}

template <typename Visit>
bool PostgresClaims::each_row(const std::string& question, Visit&& visit) {
  transaction_.script("DECLARE waxseal_rows NO SCROLL CURSOR FOR " + question);
  bool goes_on = true;
  while (goes_on) {
    const pqxx::result rows = transaction_.script("FETCH 5000 FROM waxseal_rows");
    if (rows.empty()) break;
    for (const pqxx::row& row : rows) goes_on = goes_on && visit(row);
  }
  transaction_.script("CLOSE waxseal_rows");
  return goes_on;
}

bool PostgresClaims::are_in_order() {
  const std::string question = "SELECT found.*, claim.email_key, claim.account_id FROM (" + sql_.list +
                               ") AS found (id, email, active, credential)"
                               " FULL JOIN waxseal_email_claim AS claim ON claim.account_id = found.id";
  return each_row(question, [&](const pqxx::row& row) {
    const std::optional<std::string> key = row[1].is_null() ? std::nullopt : key_of_row(row);
    const bool is_claimed = !row[5].is_null();
    return key.has_value() == is_claimed && (!is_claimed || *key == row[4].c_str());
  });
}

Result<void> PostgresClaims::rebuild() {
  transaction_.script("LOCK TABLE waxseal_email_claim IN EXCLUSIVE MODE; DELETE FROM waxseal_email_claim");
  Result<void> rebuilt;
  each_row(sql_.list, [&](const pqxx::row& account) {
    const std::optional<std::string> key = key_of_row(account);
    if (!key) return true;
    if (account[0].is_null()) {
      rebuilt = tl::make_unexpected(account_without_id());
      return false;
    }
    const std::string id = account[0].c_str();
    if (transaction_.write(
            "INSERT INTO waxseal_email_claim (email_key, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", *key,
            id) == 1) {
      return true;
    }
    rebuilt = tl::make_unexpected(shared_address(holder_by_claim(*key, id).value_or(id), id));
    return false;
  });
  return rebuilt;
}

}  // namespace waxseal::server
