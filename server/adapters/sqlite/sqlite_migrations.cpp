#include "adapters/sqlite/sqlite_migrations.hpp"

#include <algorithm>
#include <set>

#include "adapters/sqlite/sqlite_adopted_schema.hpp"
#include "embedded_migrations.hpp"

namespace waxseal::server {
namespace {

constexpr const char* create_register = R"(
  CREATE TABLE IF NOT EXISTS waxseal_migration (
    name       TEXT PRIMARY KEY NOT NULL,
    applied_at INTEGER NOT NULL DEFAULT (unixepoch())
  ) STRICT)";

/// None where there is no register yet.
std::set<std::string> applied_names(SqliteConnection& connection) {
  std::set<std::string> names;
  if (!connection.database().tableExists("waxseal_migration")) return names;
  SQLite::Statement& select = connection.prepare("SELECT name FROM waxseal_migration");
  while (select.executeStep()) names.insert(select.getColumn(0).getString());
  return names;
}

bool is_known(const std::string& name) {
  return std::any_of(embedded_sqlite_migrations.begin(), embedded_sqlite_migrations.end(),
                     [&](const EmbeddedFile& step) { return step.name == name; });
}

/// The series `accounts` makes our own tables of accounts and tokens.
bool is_wanted(const EmbeddedFile& step, const AccountTables& tables) {
  return !tables.adopted() || step.name.substr(0, step.name.find('/')) != "accounts";
}

Result<void> refuse_unknown(const std::set<std::string>& applied) {
  for (const std::string& name : applied) {
    if (!is_known(name))
      return fail(ErrorCode::internal, "storage.url: the database was migrated by a newer waxseal: " + name);
  }
  return {};
}

/// Every column of our own tables, as "table.column".
std::set<std::string> own_columns(SqliteConnection& connection) {
  std::set<std::string> columns;
  SQLite::Statement& select = connection.prepare(R"(
    SELECT made.name || '.' || part.name FROM sqlite_schema AS made, pragma_table_info(made.name) AS part
     WHERE made.type = 'table' AND made.name LIKE 'waxseal\_%' ESCAPE '\')");
  while (select.executeStep()) columns.insert(select.getColumn(0).getString());
  return columns;
}

/// What all wanted steps make of an empty file.
std::set<std::string> columns_to_be_made(const AccountTables& tables) {
  SqliteDatabase empty{":memory:", 1};
  return empty
      .run([&](SqliteConnection& connection) -> Result<std::set<std::string>> {
        for (const EmbeddedFile& step : embedded_sqlite_migrations) {
          if (is_wanted(step, tables)) connection.database().exec(std::string{step.text});
        }
        return own_columns(connection);
      })
      .value();
}

/// Steps that are recorded, and whose tables are gone all the same: by hand, or in a backup that was restored in part.
Result<void> refuse_lost(SqliteConnection& connection, const AccountTables& tables) {
  static const std::set<std::string> with_accounts = columns_to_be_made({});
  static const std::set<std::string> links_alone = columns_to_be_made({"an adopted table"});
  const std::set<std::string> there = own_columns(connection);
  for (const std::string& column : tables.adopted() ? links_alone : with_accounts) {
    if (there.count(column) > 0) continue;
    return fail(ErrorCode::internal,
                "storage.url: the database has lost " + column + ", which was made before: restore a backup of it");
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> migrate_sqlite(SqliteDatabase& database, const AccountTables& tables) {
  return database.run([&](SqliteConnection& connection) -> Result<std::vector<std::string>> {
    if (const auto good = check_adopted_tables(connection, tables); !good) return tl::make_unexpected(good.error());
    connection.database().exec(create_register);
    std::vector<std::string> applied_now;
    for (const EmbeddedFile& step : embedded_sqlite_migrations) {
      if (!is_wanted(step, tables)) continue;
      SqliteWrite write{connection};
      const std::set<std::string> applied = applied_names(connection);
      if (const auto known = refuse_unknown(applied); !known) return tl::make_unexpected(known.error());
      if (applied.count(std::string{step.name}) > 0) continue;
      connection.finish_statements();  // a question that is left open locks the schema
      connection.database().exec(std::string{step.text});
      SQLite::Statement& record = connection.prepare("INSERT INTO waxseal_migration (name) VALUES (?)");
      record.bind(1, std::string{step.name});
      record.exec();
      write.commit();
      applied_now.emplace_back(step.name);
    }
    return applied_now;
  });
}

Result<std::vector<std::string>> missing_sqlite_steps(SqliteDatabase& database, const AccountTables& tables) {
  return database.run([&](SqliteConnection& connection) -> Result<std::vector<std::string>> {
    const std::set<std::string> applied = applied_names(connection);
    if (const auto known = refuse_unknown(applied); !known) return tl::make_unexpected(known.error());
    std::vector<std::string> missing;
    for (const EmbeddedFile& step : embedded_sqlite_migrations) {
      if (is_wanted(step, tables) && applied.count(std::string{step.name}) == 0) missing.emplace_back(step.name);
    }
    if (missing.empty()) {
      if (const auto whole = refuse_lost(connection, tables); !whole) return tl::make_unexpected(whole.error());
    }
    return missing;
  });
}

Result<void> check_sqlite_schema(SqliteDatabase& database, const AccountTables& tables) {
  const auto adopted =
      database.run([&](SqliteConnection& connection) { return check_adopted_tables(connection, tables); });
  if (!adopted) return adopted;
  const auto missing = missing_sqlite_steps(database, tables);
  if (!missing) return tl::make_unexpected(missing.error());
  if (!missing->empty()) {
    return fail(ErrorCode::internal, "storage.url: the database lacks " + missing->front() + ": run `waxseal migrate`");
  }
  return {};
}

}  // namespace waxseal::server
