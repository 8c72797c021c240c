#include "adapters/postgres/postgres_engine.hpp"

#include "adapters/postgres/postgres_adopted_schema.hpp"
#include "adapters/postgres/postgres_migrations.hpp"

namespace waxseal::server {

Result<std::vector<std::string>> PostgresEngine::migrate() { return migrate_postgres(database_, tables_); }

std::vector<StorageProblem> PostgresEngine::look() {
  const auto adoption = database_.read([&](PostgresTransaction& transaction) -> Result<std::vector<AdoptionProblem>> {
    return find_adoption_problems(transaction, tables_);
  });
  return problems_of(adoption, missing_postgres_steps(database_, tables_), database_.place());
}

}  // namespace waxseal::server
