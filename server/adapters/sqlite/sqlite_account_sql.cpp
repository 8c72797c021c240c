#include "adapters/sqlite/sqlite_account_sql.hpp"

#include <waxseal/email_address.hpp>

#include "adapters/sqlite/bind.hpp"
#include "adapters/sqlite/sqlite_adopted_schema.hpp"

namespace waxseal::server {
namespace {

/// The one row of a question to the schema, or an empty text.
template <typename... Values>
std::string ask_schema(SqliteConnection& connection, const char* sql, const Values&... values) {
  SQLite::Statement& answer = bind_all(connection.prepare(sql), values...);
  return answer.executeStep() ? answer.getColumn(0).getString() : std::string{};
}

/// Django's UUIDField: 32 hexadecimal digits, in a column that Django alone declares so (its other texts are varchar).
bool is_django_uuid(SqliteConnection& connection, const AccountTables& tables) {
  return tables.adopted() &&
         ascii_lower(ask_schema(connection, "SELECT type FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE",
                                tables.accounts, tables.id)) == "char(32)";
}

/// The expressions that the statements are put together from. Columns are qualified: SQLite takes a quoted name that
/// it does not know for a text.
struct Parts {
  std::string table, id, email, active, credential;

  std::string row() const { return id + ", " + email + ", " + active + ", " + credential; }
};

std::string column(const std::string& name) { return "account." + quoted_identifier(name); }

/// The id as text. A UUID gets the hyphens with which Django writes it.
std::string id_text(const std::string& id, bool is_uuid) {
  if (!is_uuid) return "CAST(" + id + " AS TEXT)";
  const auto part = [&](const char* bounds) { return "substr(" + id + ", " + bounds + ")"; };
  return part("1, 8") + " || '-' || " + part("9, 4") + " || '-' || " + part("13, 4") + " || '-' || " + part("17, 4") +
         " || '-' || " + part("21");
}

/// True of the account with the id ?1. The first half finds it by the index, whatever the column's type, and takes '01'
/// for 1 on the way; the second half wants the very text.
std::string has_id(const std::string& id, bool is_uuid) {
  const std::string candidates = is_uuid ? "(replace(?1, '-', ''))" : "(?1, CAST(?1 AS INTEGER))";
  return id + " IN " + candidates + " AND (" + id_text(id, is_uuid) + ") = ?1 COLLATE BINARY";
}

Parts parts_of(const AccountTables& tables, bool is_uuid) {
  Parts parts;
  parts.table = quoted_identifier(tables.adopted() ? tables.accounts : "waxseal_account") + " AS account";
  parts.id = id_text(column(tables.id), is_uuid);
  parts.email = "coalesce(CAST(" + column(tables.email) + " AS TEXT), '')";
  parts.active = tables.active.empty() ? "1" : "(" + column(tables.active) + " IS TRUE)";
  parts.credential = tables.credential.empty() ? "''" : "coalesce(CAST(" + column(tables.credential) + " AS TEXT), '')";
  return parts;
}

std::string find_by_token(SqliteConnection& connection, const AccountTables& tables, const Parts& parts) {
  if (tables.tokens.empty()) {
    return "SELECT " + parts.row() + " FROM waxseal_token AS token JOIN " + parts.table + " ON " + column(tables.id) +
           " = token.account_id WHERE token.token_hash = ?1";
  }
  return "SELECT " + parts.row() + " FROM " + quoted_identifier(tables.tokens) + " AS token JOIN " + parts.table +
         " ON " + column(token_target(connection, tables).value()) +
         " = token.user_id COLLATE BINARY WHERE token.\"key\" = ?1 COLLATE BINARY";
}

}  // namespace

SqliteAccountSql make_account_sql(SqliteConnection& connection, const AccountTables& tables) {
  const bool is_uuid = is_django_uuid(connection, tables);
  const Parts parts = parts_of(tables, is_uuid);
  const std::string this_account = " WHERE " + has_id(column(tables.id), is_uuid);
  SqliteAccountSql sql;
  sql.find = "SELECT " + parts.row() + " FROM " + parts.table + this_account;
  sql.find_by_token = find_by_token(connection, tables, parts);
  sql.list = "SELECT " + parts.row() + " FROM " + parts.table + " ORDER BY " + column(tables.id);
  sql.set_email = "UPDATE " + parts.table + " SET " + quoted_identifier(tables.email) + " = ?3" + this_account +
                  " AND " + parts.email + " = ?2 COLLATE BINARY AND (" + parts.active +
                  " OR NOT ?4) AND (?5 IS NULL OR " + parts.credential + " = ?5 COLLATE BINARY)";
  sql.other_with_email = "SELECT 1 FROM " + parts.table + " WHERE " + column(tables.email) +
                         " = ?1 COLLATE BINARY AND (" + parts.id + ") IS NOT ?2 COLLATE BINARY";
  return sql;
}

}  // namespace waxseal::server
