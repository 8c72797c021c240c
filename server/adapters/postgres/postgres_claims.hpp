#pragma once
/// @file postgres_claims.hpp
/// Who holds which address, by its uniqueness key: a table of ours beside the accounts. Private to this adapter.

#include <functional>
#include <optional>
#include <string>

#include "adapters/postgres/postgres_account_sql.hpp"

namespace waxseal::server {

/// The claims as one transaction sees them; lives no longer than it. Two that claim one key at the same time: the second waits
/// for the first, and is told that the key is taken.
class PostgresClaims {
 public:
  /// @param key_of  May be empty: then every claim counts.
  PostgresClaims(PostgresTransaction& transaction, const PostgresAccountSql& sql, AccountWriters writers,
                 const UniquenessKeyOf& key_of)
      : transaction_(transaction), sql_(sql), writers_(writers), key_of_(key_of) {}

  /// Whether another account holds the address. One's own in another spelling is free.
  bool held_by_another(std::string_view account_id, const std::string& email_key, std::string_view email);

  /// Gives up what the account held and takes the key of its new address; false if another account holds it.
  bool claim(std::string_view account_id, const std::optional<std::string>& email_key, std::string_view email);

  /// Whether the claims are just those that the accounts' addresses make. Locks nothing: read in one snapshot.
  bool are_in_order();

  /// Makes all claims anew from the accounts' addresses; empty ones are nobody's. Other nodes claim nothing meanwhile.
  /// Fails with:  ErrorCode::email_already_registered  two accounts hold one address; log_detail names their ids
  ///              ErrorCode::internal  an account with an address has no id, which nobody could then see to be taken
  Result<void> rebuild();

 private:
  std::optional<std::string> holder_by_claim(const std::string& email_key, std::string_view except_account);
  bool still_has_key(const std::string& account_id, const std::string& email_key);
  std::optional<std::string> key_of_row(const pqxx::row& account) const;
  /// Calls `visit(row)` for each row of the question, some at a time; ends early if it returns false.
  template <typename Visit>
  bool each_row(const std::string& question, Visit&& visit);

  PostgresTransaction& transaction_;
  const PostgresAccountSql& sql_;
  AccountWriters writers_;
  const UniquenessKeyOf& key_of_;
};

}  // namespace waxseal::server
