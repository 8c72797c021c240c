#pragma once
/// @file postgres_adopted_schema.hpp
/// Whether adopted tables are what the configuration says they are.

#include <optional>
#include <string>
#include <vector>

#include "adapters/postgres/postgres_database.hpp"
#include "ports/account_tables.hpp"

namespace waxseal::server {

/// What a column's type is to us. `number` is whole: smallint, integer, bigint.
enum class ColumnHolds { text, number, boolean, uuid, other };

/// Of a column that is there. @param table  Quoted. Throws what the driver throws.
ColumnHolds column_holds(PostgresTransaction& transaction, const std::string& table, const std::string& column);

/// Everything that is wrong, in the order of the configuration: no such table, a view, no such column, a type that cannot be
/// what the column is adopted for, an id or a token that may be there twice, an address that is computed, tokens of other
/// accounts. None if nothing is adopted. Reads the schema only, never the rows.
/// Not checked: whether addresses are unique, and what the role may do with the tables.
/// Throws what the driver throws.
std::vector<AdoptionProblem> find_adoption_problems(PostgresTransaction& transaction, const AccountTables& tables);

/// Ok if there is no such problem.
/// Fails with:  ErrorCode::internal  otherwise; log_detail has all of them, each with its key
Result<void> check_adopted_tables(PostgresTransaction& transaction, const AccountTables& tables);

/// The column of the accounts that `user_id` of the adopted token table refers to: by its foreign key, else the id
/// column. Nothing where there is no foreign key and the id column is not the primary key: it could be either, and the
/// wrong one would sign people in as others. Throws what the driver throws.
std::optional<std::string> token_target(PostgresTransaction& transaction, const AccountTables& tables);

}  // namespace waxseal::server
