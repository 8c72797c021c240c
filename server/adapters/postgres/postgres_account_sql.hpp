#pragma once
/// @file postgres_account_sql.hpp
/// All the SQL that touches a table of accounts, made once from the names in the configuration. Private to this adapter.

#include "adapters/postgres/postgres_database.hpp"
#include "ports/account_tables.hpp"

namespace waxseal::server {

/// Statements over one table of accounts. An account's row is always id, email, active, credential; its id is text,
/// whatever the column's type, and only that one text finds it: `01` and ` 1` are not 1.
struct PostgresAccountSql {
  std::string find;           ///< $1 id.
  std::string lock;           ///< The same, locked against other writers; rows that refer to it may still be added.
  std::string find_by_token;  ///< $1 the token's SHA-256, or the token itself where the table is adopted.
  std::string list;           ///< All, by id.
  /// $1 id, $2 address as read, $3 new one, $4 whether the account must be active, $5 credential as read, or NULL.
  std::string set_email;
  std::string other_with_email;      ///< $1 address, exactly, $2 id that does not count.
  bool keeps_emails_unique = false;  ///< Whether `set_email` may meet a unique index.
};

/// Reads the types of the adopted columns and the target of the token table's `user_id`. The adopted tables have passed
/// `check_adopted_tables`.
/// Throws what the driver throws.
PostgresAccountSql make_account_sql(PostgresTransaction& transaction, const AccountTables& tables);

}  // namespace waxseal::server
