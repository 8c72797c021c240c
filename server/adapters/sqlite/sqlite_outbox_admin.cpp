#include "adapters/sqlite/sqlite_outbox_admin.hpp"

#include "adapters/sqlite/bind.hpp"
#include "ports/stored_names.hpp"

namespace waxseal::server {
namespace {

/// The conditions of a selection over the parameters ?1 to ?3; lists are JSON arrays.
constexpr const char* selected = R"(
  (?1 = '[]' OR id IN (SELECT value FROM json_each(?1))) AND (?2 = '[]' OR state IN (SELECT value FROM json_each(?2)))
  AND (?3 = 0 OR coalesce(settled_at, created_at) < ?3))";

/// Held by nobody at ?4; ?5 is when no lease can end unless the clock was set back.
constexpr const char* is_free = "(coalesce(held_until, 0) NOT BETWEEN ?4 + 1 AND ?5)";

std::string ids_of(const OutboxSelection& selection) {
  std::string list;
  for (const std::int64_t id : selection.ids) list += (list.empty() ? "" : ",") + std::to_string(id);
  return "[" + list + "]";
}

std::string states_of(const OutboxSelection& selection) {
  std::string list;
  for (const OutboxState state : selection.states)
    list += (list.empty() ? "\"" : ",\"") + std::string{name_of(state)} + "\"";
  return "[" + list + "]";
}

SQLite::Statement& bind_selection(SQLite::Statement& statement, const OutboxSelection& selection, UnixTime now) {
  return bind_all(statement, ids_of(selection), states_of(selection), selection.before.value_or(UnixTime{}), now,
                  now + longest_outbox_wait);
}

std::optional<UnixTime> time_of(const SQLite::Column& column) {
  return column.isNull() ? std::nullopt : std::optional{from_unix_s(column.getInt64())};
}

OutboxRow row_of(SQLite::Statement& row) {
  OutboxRow entry;
  entry.id = row.getColumn(0).getInt64();
  entry.kind = row.getColumn(1).getString();
  entry.account_id = row.getColumn(2).getString();
  entry.address = row.getColumn(3).getString();
  entry.state = outbox_state_named(row.getColumn(4).getString());
  entry.attempts = row.getColumn(5).getInt();
  entry.due_at = time_of(row.getColumn(6));
  entry.held = row.getColumn(7).getInt() == 0;
  entry.reason = row.getColumn(8).getString();
  entry.created_at = from_unix_s(row.getColumn(9).getInt64());
  entry.settled_at = time_of(row.getColumn(10));
  return entry;
}

/// Runs one writing statement about a selection and returns how many rows it met.
Result<int> write(SqliteDatabase& database, const std::string& sql, const OutboxSelection& selection, UnixTime now) {
  return database.write([&](SqliteConnection& connection, SqliteOwnPart& own) -> Result<int> {
    const int rows = bind_selection(connection.prepare(sql), selection, now).exec();
    own.keep();
    return rows;
  });
}

}  // namespace

Result<std::vector<OutboxRow>> SqliteOutboxAdmin::list(const OutboxSelection& selection, std::size_t most,
                                                       UnixTime now) {
  return database_.run([&](SqliteConnection& connection) -> Result<std::vector<OutboxRow>> {
    const std::string sql = std::string{"SELECT id, kind, account_id, address, state, attempts, due_at, "} + is_free +
                            ", coalesce(reason, ''), created_at, settled_at FROM waxseal_outbox WHERE " + selected +
                            " ORDER BY id DESC LIMIT ?6";
    SQLite::Statement& select = bind_selection(connection.prepare(sql), selection, now);
    select.bind(6, static_cast<std::int64_t>(most));
    std::vector<OutboxRow> rows;
    while (select.executeStep()) rows.push_back(row_of(select));
    return std::vector<OutboxRow>{rows.rbegin(), rows.rend()};
  });
}

Result<int> SqliteOutboxAdmin::retry(const OutboxSelection& selection, UnixTime now) {
  return write(
      database_,
      std::string{"UPDATE waxseal_outbox SET state = 'queued', due_at = ?4, settled_at = NULL, held_until = NULL,"
                  " retried_at = ?4, attempts = 0 WHERE state IN ('dead', 'queued') AND "} +
          selected + " AND " + is_free,
      selection, now);
}

Result<int> SqliteOutboxAdmin::purge(const OutboxSelection& selection, UnixTime now) {
  return write(database_, std::string{"DELETE FROM waxseal_outbox WHERE "} + selected + " AND " + is_free, selection,
               now);
}

Result<OutboxDepth> SqliteOutboxAdmin::depth(OutboxQueue queue) {
  return database_.run([&](SqliteConnection& connection) -> Result<OutboxDepth> {
    // The conditions are those of the queue's index, which holds what waits and nothing else.
    SQLite::Statement& select =
        connection.prepare(std::string{"SELECT count(*), min(coalesce(retried_at, created_at)) FROM waxseal_outbox "
                                       "WHERE due_at IS NOT NULL AND payload IS "} +
                           (queue == OutboxQueue::mails ? "NULL" : "NOT NULL"));
    select.executeStep();
    return OutboxDepth{select.getColumn(0).getInt64(), time_of(select.getColumn(1))};
  });
}

}  // namespace waxseal::server
