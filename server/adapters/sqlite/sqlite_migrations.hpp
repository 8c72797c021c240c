#pragma once
/// @file sqlite_migrations.hpp
/// Brings a file's schema up to this program's, one numbered step after the other, each in a transaction of its own.

#include <string>
#include <vector>

#include "adapters/sqlite/sqlite_database.hpp"
#include "ports/account_tables.hpp"

namespace waxseal::server {

/// Applies what is missing, in order. Where tables are adopted, the steps of our own table of accounts do not count, and
/// nothing is applied before the adopted tables are found to be as configured. Safe to run again, and by several processes at once.
/// @return  The names of the steps applied now, e.g. "links/0001_initial".
/// Fails with:  ErrorCode::internal     the file was made by a newer program, or a step does not apply,
///                                    or what `check_adopted_tables` says
///              ErrorCode::unavailable  the file cannot be written now
Result<std::vector<std::string>> migrate_sqlite(SqliteDatabase& database, const AccountTables& tables = {});

/// The steps that `migrate_sqlite` would apply, in order. Changes nothing.
/// Fails with:  ErrorCode::internal  the file was made by a newer program, or has lost what an applied step made
Result<std::vector<std::string>> missing_sqlite_steps(SqliteDatabase& database, const AccountTables& tables = {});

/// Ok if every step is applied and none that this program does not know, what they made is there, and the adopted tables
/// are as configured.
/// Fails with:  ErrorCode::internal  otherwise; log_detail says what is missing, or to run `waxseal migrate`
Result<void> check_sqlite_schema(SqliteDatabase& database, const AccountTables& tables = {});

}  // namespace waxseal::server
