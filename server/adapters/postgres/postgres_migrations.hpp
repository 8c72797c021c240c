#pragma once
/// @file postgres_migrations.hpp
/// Brings a database's schema up to this program's, one numbered step after the other, each in a transaction of its own.

#include <string>
#include <vector>

#include "adapters/postgres/postgres_database.hpp"
#include "ports/account_tables.hpp"

namespace waxseal::server {

/// Applies what is missing, in order, in the first schema of the role's search path. Where tables are adopted, the steps of our
/// own table of accounts do not count, and nothing is applied before the adopted tables are found to be as configured. Safe to run
/// again, and by several nodes at once: an advisory lock lets one after the other look and apply.
/// @return  The names of the steps applied now, e.g. "links/0001_initial".
/// Fails with:  ErrorCode::internal     a step does not apply, a newer program made the database unfit for this one,
///                                    or what `check_adopted_tables` says
///              ErrorCode::unavailable  the database does not answer now
Result<std::vector<std::string>> migrate_postgres(PostgresDatabase& database, const AccountTables& tables = {});

/// The steps that `migrate_postgres` would apply, in order. Changes nothing.
/// Fails with:  ErrorCode::internal  a newer program made the database unfit for this one, or it lost a table of ours
Result<std::vector<std::string>> missing_postgres_steps(PostgresDatabase& database, const AccountTables& tables = {});

/// Ok if every step is applied, and of steps that this program does not know only such that older programs can live with;
/// what they made is there; and the adopted tables are as configured.
/// Fails with:  ErrorCode::internal  otherwise; log_detail says what is missing, or to run `waxseal migrate`
Result<void> check_postgres_schema(PostgresDatabase& database, const AccountTables& tables = {});

}  // namespace waxseal::server
