#include "adapters/postgres/postgres_migrations.hpp"

#include <algorithm>
#include <map>

#include "adapters/postgres/postgres_adopted_schema.hpp"
#include "embedded_postgres_migrations.hpp"

namespace waxseal::server {
namespace {

/// Held to the end of the transaction by whoever looks what is missing and applies it: "waxseal" in ASCII.
constexpr const char* take_turn = "SELECT pg_advisory_xact_lock(33603331837154668)";

/// `older_programs`: whether nodes of the version before may go on while this step is applied already.
constexpr const char* create_register = R"(
  CREATE TABLE IF NOT EXISTS waxseal_migration (
    name           text PRIMARY KEY,
    applied_at     bigint NOT NULL DEFAULT extract(epoch FROM now())::bigint,
    older_programs text NOT NULL DEFAULT 'go on' CHECK (older_programs IN ('go on', 'stop'))
  ))";

/// The first line of a step that nodes of the version before cannot live with.
constexpr std::string_view stops_older_programs = "-- Older programs stop.\n";

/// Applied steps, and whether a program that does not know them may go on. None where there is no register yet.
std::map<std::string, bool> applied_steps(PostgresTransaction& transaction) {
  std::map<std::string, bool> steps;
  if (!transaction.is_any("SELECT 1 WHERE to_regclass('waxseal_migration') IS NOT NULL")) return steps;
  for (const pqxx::row& row : transaction.run("SELECT name, older_programs = 'go on' FROM waxseal_migration")) {
    steps.emplace(row[0].c_str(), row[1].as<bool>());
  }
  return steps;
}

bool is_known(const std::string& name) {
  return std::any_of(embedded_postgres_migrations.begin(), embedded_postgres_migrations.end(),
                     [&](const EmbeddedFile& step) { return step.name == name; });
}

/// The series `accounts` makes our own tables of accounts and tokens.
bool is_wanted(const EmbeddedFile& step, const AccountTables& tables) {
  return !tables.adopted() || step.name.substr(0, step.name.find('/')) != "accounts";
}

Result<void> refuse_newer(const std::map<std::string, bool>& applied) {
  for (const auto& [name, may_go_on] : applied) {
    if (!may_go_on && !is_known(name))
      return fail(ErrorCode::internal, "storage.url: the database was migrated by a newer waxseal: " + name);
  }
  return {};
}

/// The tables that the wanted steps make, by the words that make them.
std::vector<std::string> own_tables(const AccountTables& tables) {
  constexpr std::string_view words = "CREATE TABLE ";
  std::vector<std::string> names;
  for (const EmbeddedFile& step : embedded_postgres_migrations) {
    if (!is_wanted(step, tables)) continue;
    const std::string_view text = step.text;
    for (std::size_t at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1)) {
      const std::size_t start = at + words.size();
      names.emplace_back(text.substr(start, text.find_first_of(" (", start) - start));
    }
  }
  return names;
}

/// Steps that are recorded, and whose tables are gone all the same: by hand, or in a backup that was restored in part.
Result<void> refuse_lost(PostgresTransaction& transaction, const AccountTables& tables) {
  for (const std::string& table : own_tables(tables)) {
    if (transaction.is_any("SELECT 1 WHERE to_regclass($1) IS NOT NULL", table)) continue;
    return fail(ErrorCode::internal,
                "storage.url: the database has lost " + table + ", which was made before: restore a backup of it");
  }
  return {};
}

/// Applies one step, unless somebody did. @return  Whether it was applied now.
Result<bool> apply_step(PostgresDatabase& database, const EmbeddedFile& step) {
  const auto apply = [&](PostgresTransaction& transaction) -> Result<bool> {
    transaction.script(take_turn);
    transaction.script(create_register);
    const auto applied = applied_steps(transaction);
    if (const auto fit = refuse_newer(applied); !fit) return tl::make_unexpected(fit.error());
    const std::string name{step.name};
    if (applied.count(name) > 0) return false;
    transaction.script(std::string{step.text});
    const bool stops = step.text.substr(0, stops_older_programs.size()) == stops_older_programs;
    transaction.write("INSERT INTO waxseal_migration (name, older_programs) VALUES ($1, $2)", name,
                      stops ? "stop" : "go on");
    transaction.keep();
    return true;
  };
  return database.write(InDoubt::repeat, apply, Patience::of_an_operator);
}

}  // namespace

Result<std::vector<std::string>> migrate_postgres(PostgresDatabase& database, const AccountTables& tables) {
  const auto adopted =
      database.read([&](PostgresTransaction& transaction) { return check_adopted_tables(transaction, tables); });
  if (!adopted) return tl::make_unexpected(adopted.error());
  std::vector<std::string> applied_now;
  for (const EmbeddedFile& step : embedded_postgres_migrations) {
    if (!is_wanted(step, tables)) continue;
    const auto applied = apply_step(database, step);
    if (!applied) return tl::make_unexpected(applied.error());
    if (*applied) applied_now.emplace_back(step.name);
  }
  return applied_now;
}

Result<std::vector<std::string>> missing_postgres_steps(PostgresDatabase& database, const AccountTables& tables) {
  return database.read([&](PostgresTransaction& transaction) -> Result<std::vector<std::string>> {
    const auto applied = applied_steps(transaction);
    if (const auto fit = refuse_newer(applied); !fit) return tl::make_unexpected(fit.error());
    std::vector<std::string> missing;
    for (const EmbeddedFile& step : embedded_postgres_migrations) {
      if (is_wanted(step, tables) && applied.count(std::string{step.name}) == 0) missing.emplace_back(step.name);
    }
    if (missing.empty()) {
      if (const auto whole = refuse_lost(transaction, tables); !whole) return tl::make_unexpected(whole.error());
    }
    return missing;
  });
}

Result<void> check_postgres_schema(PostgresDatabase& database, const AccountTables& tables) {
  const auto adopted =
      database.read([&](PostgresTransaction& transaction) { return check_adopted_tables(transaction, tables); });
  if (!adopted) return adopted;
  const auto missing = missing_postgres_steps(database, tables);
  if (!missing) return tl::make_unexpected(missing.error());
  if (!missing->empty()) {
    return fail(ErrorCode::internal, "storage.url: the database lacks " + missing->front() + ": run `waxseal migrate`");
  }
  return {};
}

}  // namespace waxseal::server
