#pragma once
/// @file sqlite_pruner.hpp
/// Prunes an SQLite file, slice by slice of each table's key.

#include "adapters/sqlite/sqlite_database.hpp"
#include "ports/pruner.hpp"

namespace waxseal::server {

class SqlitePruner final : public Pruner {
 public:
  explicit SqlitePruner(SqliteDatabase& database) : database_(database) {}
  Result<std::int64_t> prune(PrunedRecords records, const PruneBounds& bounds, PruneMode mode,
                             const Tell& tell) override;

 private:
  SqliteDatabase& database_;
};

}  // namespace waxseal::server
