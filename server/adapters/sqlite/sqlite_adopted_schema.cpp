#include "adapters/sqlite/sqlite_adopted_schema.hpp"

#include <utility>

#include "adapters/sqlite/bind.hpp"

namespace waxseal::server {
namespace {

template <typename... Values>
bool is_so(SqliteConnection& connection, const char* question, const Values&... values) {
  return bind_all(connection.prepare(question), values...).executeStep();
}

bool has_table(SqliteConnection& connection, const std::string& table) {
  return is_so(connection, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE", table);
}

bool has_column(SqliteConnection& connection, const std::string& table, const std::string& column) {
  return is_so(connection, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE", table, column);
}

/// Bytes are no text: no link and no log could name such an id.
bool holds_bytes(SqliteConnection& connection, const std::string& table, const std::string& column) {
  return is_so(connection, R"(
    SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE AND type LIKE '%blob%')",
               table, column);
}

/// By a primary key or a unique index on the column alone, for all rows.
bool is_unique(SqliteConnection& connection, const std::string& table, const std::string& column) {
  return is_so(connection, R"(
    SELECT 1 FROM pragma_table_info(?1)
     WHERE pk = 1 AND name = ?2 COLLATE NOCASE AND (SELECT count(*) FROM pragma_table_info(?1) WHERE pk > 0) = 1
    UNION ALL
    SELECT 1 FROM pragma_index_list(?1) AS list
     WHERE list."unique" = 1 AND list.partial = 0
       AND (SELECT count(*) FROM pragma_index_info(list.name)) = 1
       AND (SELECT name FROM pragma_index_info(list.name)) = ?2 COLLATE NOCASE)",
               table, column);
}

tl::unexpected<Error> wrong(const std::string& key, const std::string& what) {
  return fail(ErrorCode::internal, key + ": " + what);
}

Result<void> check_accounts(SqliteConnection& connection, const SqliteTables& tables) {
  const std::string& table = tables.accounts;
  if (!has_table(connection, table)) return wrong("users.table", "the database has no table " + table);
  const std::pair<const char*, const std::string&> columns[] = {{"users.id_column", tables.id},
                                                                {"users.email_column", tables.email},
                                                                {"users.active_column", tables.active},
                                                                {"users.credential_column", tables.credential}};
  for (const auto& [key, column] : columns) {
    if (!column.empty() && !has_column(connection, table, column)) {
      return wrong(key, "the table " + table + " has no column " + column);
    }
  }
  if (holds_bytes(connection, table, tables.id)) {
    return wrong("users.id_column", tables.id + " of " + table + " holds bytes: an id must be a text or a number");
  }
  if (!is_unique(connection, table, tables.id)) {
    return wrong("users.id_column",
                 tables.id + " is not unique in " + table + ": it must be the primary key or have a unique index");
  }
  return {};
}

Result<void> check_tokens(SqliteConnection& connection, const std::string& table) {
  if (!has_table(connection, table)) return wrong("auth.token_table", "the database has no table " + table);
  for (const char* column : {"key", "user_id"}) {
    if (!has_column(connection, table, column)) {
      return wrong("auth.token_table", "the table " + table + " has no column " + column);
    }
  }
  return {};
}

}  // namespace

Result<void> check_adopted_tables(SqliteConnection& connection, const SqliteTables& tables) {
  if (!tables.adopted()) return {};
  if (const auto good = check_accounts(connection, tables); !good) return good;
  return tables.tokens.empty() ? Result<void>{} : check_tokens(connection, tables.tokens);
}

}  // namespace waxseal::server
