#include "adapters/sqlite/sqlite_pruner.hpp"

#include "adapters/sqlite/bind.hpp"
#include "ports/limits.hpp"

namespace waxseal::server {
namespace {

/// Rows that one transaction looks at: milliseconds of work.
constexpr std::int64_t rows_a_batch = 1000;

enum class KeyType { number, text, bytes };

/// One table, the column that it is walked by, and which of its rows are old at the time ?3.
struct PrunedTable {
  std::string name;
  std::string key;
  KeyType key_type;
  std::string is_old;
  std::int64_t before;
};

PrunedTable table_of(PrunedRecords records, const PruneBounds& bounds) {
  const auto records_before = static_cast<std::int64_t>(to_unix_s(bounds.records_before));
  const auto changes_before = static_cast<std::int64_t>(to_unix_s(bounds.changes_before));
  const auto now = static_cast<std::int64_t>(to_unix_s(bounds.now));
  switch (records) {
    case PrunedRecords::audit: break;
    case PrunedRecords::outbox:
      return {"waxseal_outbox", "id", KeyType::number, "(state <> 'queued' AND settled_at < ?3)", records_before};
    case PrunedRecords::changes:
      return {"waxseal_change", "account_id", KeyType::text,
              "(coalesce(settled_at, asked_again_at, requested_at) < ?3)", changes_before};
    case PrunedRecords::remembered_links:
      return {"waxseal_used_link", "fingerprint", KeyType::bytes, "(forget_after < ?3)", now};
    case PrunedRecords::limits:
      return {"waxseal_limit", "subject", KeyType::bytes, "(used_till_us <= ?3)", limit_level_of(bounds.now)};
  }
  return {"waxseal_audit", "id", KeyType::number, "(at < ?3)", records_before};
}

/// The rows whose keys are above `after` and not above `last`; keys as SQLite gives them as text, or their bytes.
struct Slice {
  std::string after;
  std::string last;
  bool is_last = false;  ///< The table ended here when it was looked at: what is added meanwhile is not old.
};

void bind_key(SQLite::Statement& statement, int index, KeyType type, const std::string& key) {
  switch (type) {
    case KeyType::number: statement.bind(index, key.empty() ? std::int64_t{0} : std::int64_t{std::stoll(key)}); break;
    case KeyType::text: statement.bind(index, key); break;
    case KeyType::bytes: statement.bind(index, key.data(), static_cast<int>(key.size())); break;
  }
}

SQLite::Statement& bind_slice(SQLite::Statement& statement, const PrunedTable& table, const Slice& slice) {
  bind_key(statement, 1, table.key_type, slice.after);
  bind_key(statement, 2, table.key_type, slice.last);
  statement.bind(3, table.before);
  return statement;
}

std::string in_slice(const PrunedTable& table) {
  return " FROM " + table.name + " WHERE " + table.key + " > ?1 AND " + table.key + " <= ?2";
}

std::int64_t count_rows(SqliteConnection& connection, const PrunedTable& table) {
  SQLite::Statement& count = connection.prepare("SELECT count(*) FROM " + table.name);
  count.executeStep();
  return count.getColumn(0).getInt64();
}

/// The slice that begins after `after`, or nothing at the table's end.
std::optional<Slice> next_slice(SqliteConnection& connection, const PrunedTable& table, const std::string& after) {
  SQLite::Statement& select =
      connection.prepare("SELECT max(" + table.key + "), count(*) FROM (SELECT " + table.key + " FROM " + table.name +
                         " WHERE " + table.key + " > ?1 ORDER BY " + table.key + " LIMIT ?2)");
  bind_key(select, 1, table.key_type, after);
  select.bind(2, rows_a_batch);
  select.executeStep();
  if (select.getColumn(0).isNull()) return std::nullopt;
  return Slice{after, select.getColumn(0).getString(), select.getColumn(1).getInt64() < rows_a_batch};
}

/// How many rows the slice has, and how many of them are old.
struct Counted {
  std::int64_t rows = 0;
  std::int64_t old = 0;
};

Counted count_slice(SqliteConnection& connection, const PrunedTable& table, const Slice& slice) {
  SQLite::Statement& count = bind_slice(
      connection.prepare("SELECT count(*), coalesce(sum(" + table.is_old + "), 0)" + in_slice(table)), table, slice);
  count.executeStep();
  return {count.getColumn(0).getInt64(), count.getColumn(1).getInt64()};
}

/// How many rows went.
Result<std::int64_t> delete_slice(SqliteDatabase& database, const PrunedTable& table, const Slice& slice) {
  return database.write([&](SqliteConnection& connection, SqliteOwnPart& own) -> Result<std::int64_t> {
    const std::string sql = "DELETE" + in_slice(table) + " AND " + table.is_old;
    const int rows = bind_slice(connection.prepare(sql), table, slice).exec();
    own.keep();
    return rows;
  });
}

}  // namespace

Result<std::int64_t> SqlitePruner::prune(PrunedRecords records, const PruneBounds& bounds, PruneMode mode,
                                         const Tell& tell) {
  const PrunedTable table = table_of(records, bounds);
  const auto rows = database_.run(
      [&](SqliteConnection& connection) -> Result<std::int64_t> { return count_rows(connection, table); });
  if (!rows) return rows;
  PruneProgress progress{0, *rows, 0};
  Slice slice;
  while (!slice.is_last) {
    Counted counted;
    const auto found = database_.run([&](SqliteConnection& connection) -> Result<bool> {
      const auto next = next_slice(connection, table, slice.last);
      if (!next) return false;
      slice = *next;
      counted = count_slice(connection, table, slice);
      return true;
    });
    if (!found) return tl::make_unexpected(found.error());
    if (!*found) break;
    progress.looked_at += counted.rows;
    if (mode == PruneMode::delete_them && counted.old > 0) {  // where nothing is old no write lock is taken
      const auto deleted = delete_slice(database_, table, slice);
      if (!deleted) return deleted;
      counted.old = *deleted;
    }
    progress.deleted += counted.old;
    tell(progress);
  }
  return progress.deleted;
}

}  // namespace waxseal::server
