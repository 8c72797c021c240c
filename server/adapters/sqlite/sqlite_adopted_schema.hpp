#pragma once
/// @file sqlite_adopted_schema.hpp
/// Whether adopted tables are what the configuration says they are.

#include "adapters/sqlite/sqlite_database.hpp"
#include "adapters/sqlite/sqlite_tables.hpp"

namespace waxseal::server {

/// Ok if the tables and columns are there and the id is unique and no BLOB; also if nothing is adopted.
/// Fails with:  ErrorCode::internal  otherwise; log_detail names the key of the configuration and what is missing
/// Not checked: other columns' types (SQLite keeps any value in any column), and whether addresses are unique.
Result<void> check_adopted_tables(SqliteConnection& connection, const SqliteTables& tables);

}  // namespace waxseal::server
