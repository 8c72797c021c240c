#pragma once
/// @file sqlite_account_sql.hpp
/// All the SQL that touches a table of accounts, made once from the names in the configuration. Private to this adapter.

#include "adapters/sqlite/sqlite_database.hpp"
#include "ports/account_tables.hpp"

namespace waxseal::server {

/// Statements over one table of accounts. An account's row is always id, email, active, credential; its id is text,
/// whatever the column's type, and only that one text finds it: `01` and ` 1` are not 1.
struct SqliteAccountSql {
  std::string find;           ///< ?1 id.
  std::string find_by_token;  ///< ?1 the token's SHA-256, or the token itself where the table is adopted.
  std::string list;           ///< All, by id.
  /// ?1 id, ?2 address as read, ?3 new one, ?4 whether the account must be active, ?5 credential as read, or NULL.
  std::string set_email;
  std::string other_with_email;  ///< ?1 address, exactly, ?2 id that does not count.
};

/// Reads the type of the adopted id column and the target of the token table's `user_id`. The adopted tables have passed
/// `check_adopted_tables`.
/// Throws what the driver throws.
SqliteAccountSql make_account_sql(SqliteConnection& connection, const AccountTables& tables);

}  // namespace waxseal::server
