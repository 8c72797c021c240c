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

std::set<std::string> applied_names(SqliteConnection& connection) {
  std::set<std::string> names;
  SQLite::Statement& select = connection.prepare("SELECT name FROM waxseal_migration");
  while (select.executeStep()) names.insert(select.getColumn(0).getString());
  return names;
}

bool is_known(const std::string& name) {
  return std::any_of(embedded_sqlite_migrations.begin(), embedded_sqlite_migrations.end(),
                     [&](const EmbeddedFile& step) { return step.name == name; });
}

/// The series `accounts` makes our own tables of accounts and tokens.
bool is_wanted(const EmbeddedFile& step, const SqliteTables& tables) {
  return !tables.adopted() || step.name.substr(0, step.name.find('/')) != "accounts";
}

Result<void> refuse_unknown(const std::set<std::string>& applied) {
  for (const std::string& name : applied) {
    if (!is_known(name)) return fail(ErrorCode::internal, "the database was migrated by a newer waxseal: " + name);
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> migrate_sqlite(SqliteDatabase& database, const SqliteTables& tables) {
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

Result<void> check_sqlite_schema(SqliteDatabase& database, const SqliteTables& tables) {
  return database.run([&](SqliteConnection& connection) -> Result<void> {
    if (const auto good = check_adopted_tables(connection, tables); !good) return good;
    if (!connection.database().tableExists("waxseal_migration")) {
      return fail(ErrorCode::internal, "the database has no tables yet: run `waxseal migrate`");
    }
    const std::set<std::string> applied = applied_names(connection);
    for (const EmbeddedFile& step : embedded_sqlite_migrations) {
      if (is_wanted(step, tables) && applied.count(std::string{step.name}) == 0) {
        return fail(ErrorCode::internal, "the database lacks " + std::string{step.name} + ": run `waxseal migrate`");
      }
    }
    return refuse_unknown(applied);
  });
}

}  // namespace waxseal::server
