#pragma once
/// @file postgres_pruner.hpp
/// Prunes a PostgreSQL database, a batch at a time, by indexes on the times.

#include "adapters/postgres/postgres_database.hpp"
#include "ports/pruner.hpp"

namespace waxseal::server {

class PostgresPruner final : public Pruner {
 public:
  explicit PostgresPruner(PostgresDatabase& database) : database_(database) {}
  Result<std::int64_t> prune(PrunedRecords records, const PruneBounds& bounds, PruneMode mode,
                             const Tell& tell) override;

 private:
  PostgresDatabase& database_;
};

}  // namespace waxseal::server
