#pragma once
/// @file sqlite_claims.hpp
/// Who holds which address, by its uniqueness key: a table of ours beside the accounts. Private to this adapter.

#include <functional>
#include <optional>
#include <string>

#include "adapters/sqlite/sqlite_account_sql.hpp"

namespace waxseal::server {

/// The claims as one transaction sees them; lives no longer than it.
class SqliteClaims {
 public:
  /// @param key_of  May be empty: then every claim counts.
  SqliteClaims(SqliteConnection& connection, const SqliteAccountSql& sql, AccountWriters writers,
               const UniquenessKeyOf& key_of)
      : connection_(connection), sql_(sql), writers_(writers), key_of_(key_of) {}

  /// Whether another account holds the address. One's own in another spelling is free.
  bool held_by_another(std::string_view account_id, const std::string& email_key, std::string_view email);

  /// Gives up what the account held and takes the key of its new address; false if another account holds it.
  bool claim(std::string_view account_id, const std::optional<std::string>& email_key, std::string_view email);

  /// Makes all claims anew from the accounts' addresses; empty ones are nobody's.
  /// Fails with:  ErrorCode::email_already_registered  two accounts hold one address; log_detail names their ids
  ///              ErrorCode::internal  an account with an address has no id, which nobody could then see to be taken
  Result<void> rebuild();

 private:
  std::optional<std::string> holder_by_claim(const std::string& email_key, std::string_view except_account);
  bool still_has_key(const std::string& account_id, const std::string& email_key);

  SqliteConnection& connection_;
  const SqliteAccountSql& sql_;
  AccountWriters writers_;
  const UniquenessKeyOf& key_of_;
};

}  // namespace waxseal::server
