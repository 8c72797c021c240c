#include "adapters/postgres/postgres_account_sql.hpp"

#include "adapters/postgres/postgres_adopted_schema.hpp"

namespace waxseal::server {
namespace {

/// The expressions that the statements are put together from.
struct Parts {
  std::string table, id, email, active, credential;

  std::string row() const { return id + ", " + email + ", " + active + ", " + credential; }
};

std::string column(const std::string& name) { return "account." + quoted_identifier(name); }

/// Letter by letter, whatever the column's own collation or type takes for equal.
std::string text_of(const std::string& column) { return "(" + column + "::text COLLATE \"C\")"; }

/// True of the account with the id $1. The first half finds it by the column's index and must not meet a text that the
/// column's type cannot read; the second half wants the very text.
std::string has_id(const std::string& id, ColumnHolds holds) {
  std::string candidate = "$1::text";
  if (holds == ColumnHolds::number) {
    candidate =
        "CASE WHEN $1::text ~ '^-?[0-9]{1,19}$' THEN"
        " CASE WHEN $1::text::numeric BETWEEN -9223372036854775808 AND 9223372036854775807 THEN $1::text::bigint END "
        "END";
  } else if (holds == ColumnHolds::uuid) {
    candidate = "CASE WHEN $1::text ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN $1::text::uuid END";
  }
  return id + " = " + candidate + " AND " + text_of(id) + " = $1::text";
}

Parts parts_of(PostgresTransaction& transaction, const AccountTables& tables) {
  Parts parts;
  parts.table = quoted_identifier(tables.adopted() ? tables.accounts : "waxseal_account");
  parts.id = text_of(column(tables.id));
  parts.email = "coalesce(" + text_of(column(tables.email)) + ", '')";
  const bool is_number =
      !tables.active.empty() && column_holds(transaction, parts.table, tables.active) == ColumnHolds::number;
  parts.active =
      tables.active.empty() ? "true" : "(" + column(tables.active) + (is_number ? " <> 0)" : ")") + " IS TRUE";
  parts.credential = tables.credential.empty() ? "''" : "coalesce(" + text_of(column(tables.credential)) + ", '')";
  return parts;
}

std::string find_by_token(PostgresTransaction& transaction, const AccountTables& tables, const Parts& parts) {
  const std::string accounts = " JOIN " + parts.table + " AS account ON ";
  if (tables.tokens.empty()) {
    return "SELECT " + parts.row() + " FROM waxseal_token AS token" + accounts + column(tables.id) +
           " = token.account_id WHERE token.token_hash = $1::bytea";
  }
  return "SELECT " + parts.row() + " FROM " + quoted_identifier(tables.tokens) + " AS token" + accounts +
         column(token_target(transaction, tables).value()) + " = token.user_id WHERE token.\"key\" = $1::text AND " +
         text_of("token.\"key\"") + " = $1::text";
}

}  // namespace

PostgresAccountSql make_account_sql(PostgresTransaction& transaction, const AccountTables& tables) {
  const Parts parts = parts_of(transaction, tables);
  const ColumnHolds id_holds = column_holds(transaction, parts.table, tables.id);
  const std::string this_account = " WHERE " + has_id(column(tables.id), id_holds);
  const std::string accounts = " FROM " + parts.table + " AS account";
  PostgresAccountSql sql;
  sql.find = "SELECT " + parts.row() + accounts + this_account;
  sql.lock = sql.find + " FOR NO KEY UPDATE";
  sql.find_by_token = find_by_token(transaction, tables, parts);
  sql.list = "SELECT " + parts.row() + accounts + " ORDER BY " + column(tables.id);
  sql.set_email = "UPDATE " + parts.table + " AS account SET " + quoted_identifier(tables.email) + " = $3::text" +
                  this_account + " AND " + parts.email + " = $2::text AND (" + parts.active +
                  " OR NOT $4::bool) AND ($5::text IS NULL OR " + parts.credential + " = $5::text)";
  sql.other_with_email = "SELECT 1" + accounts + " WHERE " + column(tables.email) + " = $1::text AND " +
                         text_of(column(tables.email)) + " = $1::text AND " + parts.id +
                         " IS DISTINCT FROM $2::text LIMIT 1";
  sql.keeps_emails_unique = tables.adopted();
  return sql;
}

}  // namespace waxseal::server
