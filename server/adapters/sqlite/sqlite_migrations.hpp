#pragma once
/// @file sqlite_migrations.hpp
/// Brings a file's schema up to this program's, one numbered step after the other, each in a transaction of its own.

#include <string>
#include <vector>

#include "adapters/sqlite/sqlite_database.hpp"

namespace waxseal::server {

/// Applies what is missing, in order. Safe to run again, and by several processes at once.
/// @return  The names of the steps applied now, e.g. "links/0001_initial".
/// Fails with:  ErrorCode::internal     the file was made by a newer program, or a step does not apply
///              ErrorCode::unavailable  the file cannot be written now
Result<std::vector<std::string>> migrate_sqlite(SqliteDatabase& database);

/// Ok if every step is applied and none that this program does not know.
/// Fails with:  ErrorCode::internal  otherwise; log_detail says to run `waxseal migrate`
Result<void> check_sqlite_schema(SqliteDatabase& database);

}  // namespace waxseal::server
