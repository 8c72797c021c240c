#include "adapters/postgres/postgres_pruner.hpp"

#include "ports/limits.hpp"

namespace waxseal::server {
namespace {

/// Rows that one transaction deletes: milliseconds of work.
constexpr std::int64_t rows_a_batch = 1000;

/// One table, and which of its rows are old at the time $1.
struct PrunedTable {
  std::string name;
  std::string is_old;
  std::int64_t before;
};

PrunedTable table_of(PrunedRecords records, const PruneBounds& bounds) {
  const auto records_before = static_cast<std::int64_t>(to_unix_s(bounds.records_before));
  const auto changes_before = static_cast<std::int64_t>(to_unix_s(bounds.changes_before));
  switch (records) {
    case PrunedRecords::audit: break;
    case PrunedRecords::outbox: return {"waxseal_outbox", "state <> 'queued' AND settled_at < $1", records_before};
    case PrunedRecords::changes:
      return {"waxseal_change", "coalesce(settled_at, asked_again_at, requested_at) < $1", changes_before};
    case PrunedRecords::remembered_links:
      return {"waxseal_used_link", "forget_after < $1", static_cast<std::int64_t>(to_unix_s(bounds.now))};
    case PrunedRecords::limits: return {"waxseal_limit", "used_till_us <= $1", limit_level_of(bounds.now)};
  }
  return {"waxseal_audit", "at < $1", records_before};
}

Result<std::int64_t> count_old(PostgresDatabase& database, const PrunedTable& table) {
  return database.read([&](PostgresTransaction& transaction) -> Result<std::int64_t> {
    return transaction.run("SELECT count(*) FROM " + table.name + " WHERE " + table.is_old, table.before)[0][0]
        .as<std::int64_t>();
  });
}

/// How many rows went. A row that another transaction changed meanwhile is judged once more, as it is then.
Result<std::int64_t> delete_batch(PostgresDatabase& database, const PrunedTable& table) {
  const std::string sql = "DELETE FROM " + table.name + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " + table.name +
                          " WHERE " + table.is_old + " LIMIT $2)) AND " + table.is_old;
  return database.write(
      InDoubt::fail,
      [&](PostgresTransaction& transaction) -> Result<std::int64_t> {
        const auto rows = static_cast<std::int64_t>(transaction.write(sql, table.before, rows_a_batch));
        transaction.keep();
        return rows;
      },
      Patience::of_an_operator);
}

}  // namespace

Result<std::int64_t> PostgresPruner::prune(PrunedRecords records, const PruneBounds& bounds, PruneMode mode,
                                           const Tell& tell) {
  const PrunedTable table = table_of(records, bounds);
  const auto old = count_old(database_, table);
  if (!old || mode == PruneMode::count_them) return old;
  PruneProgress progress{0, *old, 0};
  while (progress.deleted < *old) {
    const auto rows = delete_batch(database_, table);
    if (!rows) return rows;
    if (*rows == 0) break;
    progress.deleted += *rows;
    progress.looked_at = progress.deleted;
    tell(progress);
  }
  return progress.deleted;
}

}  // namespace waxseal::server
