#include "adapters/sqlite/sqlite_engine.hpp"

#include <filesystem>

#include "adapters/sqlite/sqlite_adopted_schema.hpp"
#include "adapters/sqlite/sqlite_migrations.hpp"

namespace waxseal::server {

SqliteEngine::SqliteEngine(std::string path, std::size_t connections, std::size_t most_waiting, AccountTables tables)
    : tables_(std::move(tables)),
      database_(std::move(path), connections, tables_.adopted() ? SqliteFile::must_exist : SqliteFile::made_if_absent,
                most_waiting) {}

Result<std::vector<std::string>> SqliteEngine::migrate() { return migrate_sqlite(database_, tables_); }

/// Opens the file as it is, so that a look never changes one that belongs to another program.
std::vector<StorageProblem> SqliteEngine::look() {
  using Weight = StorageProblem::Weight;
  const std::string& path = database_.path();
  if (!std::filesystem::exists(path)) {
    if (tables_.adopted()) {
      return {{Weight::mistake, "storage.url", path + " does not exist: it must be the file with " + tables_.accounts}};
    }
    return {{Weight::step_to_come, "storage.url", path + " does not exist: run `waxseal migrate`"}};
  }
  SqliteDatabase database{path, 1, SqliteFile::looked_at};
  const auto adoption = database.run([&](SqliteConnection& connection) -> Result<std::vector<AdoptionProblem>> {
    return find_adoption_problems(connection, tables_);
  });
  return problems_of(adoption, missing_sqlite_steps(database, tables_), path);
}

}  // namespace waxseal::server
