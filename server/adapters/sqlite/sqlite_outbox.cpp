#include <string>

#include "adapters/sqlite/bind.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "ports/stored_names.hpp"

namespace waxseal::server {
namespace {

OutboxEntry entry_of(SQLite::Statement& row) {
  OutboxEntry entry;
  entry.id = row.getColumn(0).getInt64();
  entry.kind = mail_kind_named(row.getColumn(1).getString());
  entry.account_id = row.getColumn(2).getString();
  entry.address = row.getColumn(3).getString();
  entry.version = static_cast<LinkVersion>(row.getColumn(4).getInt64());
  entry.language = row.getColumn(5).getString();
  entry.message_token = row.getColumn(6).getString();
  entry.created_at = from_unix_s(row.getColumn(7).getInt64());
  entry.attempts = row.getColumn(8).getInt();
  entry.wanted_since = from_unix_s(row.getColumn(9).getInt64());
  entry.held_until = from_unix_s(row.getColumn(10).getInt64());
  if (!row.getColumn(11).isNull()) {
    entry.event = EmailChange{reason_named(row.getColumn(11).getString()), entry.account_id,
                              row.getColumn(12).getString(), row.getColumn(13).getString(), entry.created_at};
  }
  return entry;
}

/// The id of the entry of a queue that is next at ?1, or NULL. Two questions, each answered by the queue's index: one with OR
/// reads every entry that waits. What is due after ?2 was written before the clock was set back.
std::string next_of(OutboxQueue queue) {
  const std::string from = std::string{"(SELECT id FROM waxseal_outbox WHERE payload IS "} +
                           (queue == OutboxQueue::mails ? "NULL" : "NOT NULL") + " AND due_at ";
  const std::string first = " ORDER BY due_at, id LIMIT 1)";
  return "coalesce(" + from + "<= ?1" + first + ", " + from + "> ?2" + first + ")";
}

/// Asked before a claim, so that an idle worker takes no write lock.
bool is_any_due(SqliteConnection& connection, OutboxQueue queue, UnixTime now) {
  SQLite::Statement& due = bind_all(connection.prepare("SELECT " + next_of(queue)), now, now + longest_outbox_wait);
  return due.executeStep() && !due.getColumn(0).isNull();
}

/// Keeps a write that must have met one entry.
Result<void> keep_one(SqliteOwnPart& own, int rows) {
  if (rows != 1) return fail(ErrorCode::internal, "the outbox entry is gone or settled");
  own.keep();
  return {};
}

}  // namespace

Result<std::optional<OutboxEntry>> SqliteOutbox::claim_next(OutboxQueue queue, UnixTime now,
                                                            std::chrono::seconds lease) {
  const auto due =
      database_.run([&](SqliteConnection& connection) -> Result<bool> { return is_any_due(connection, queue, now); });
  if (!due) return tl::make_unexpected(due.error());
  if (!*due) return std::optional<OutboxEntry>{};
  return database_.write([&](SqliteConnection& connection, SqliteOwnPart& own) -> Result<std::optional<OutboxEntry>> {
    const std::string sql = "UPDATE waxseal_outbox SET due_at = ?3, held_until = ?3 WHERE id = " + next_of(queue) + R"(
      RETURNING id, kind, account_id, address, link_version, language, message_token, created_at, attempts,
                coalesce(retried_at, created_at), held_until,
                payload ->> '$.reason', payload ->> '$.old_email', payload ->> '$.new_email')";
    SQLite::Statement& claim = bind_all(connection.prepare(sql), now, now + longest_outbox_wait, now + lease);
    if (!claim.executeStep()) return std::optional<OutboxEntry>{};
    OutboxEntry entry = entry_of(claim);
    claim.executeStep();  // to its end: SQLite does not commit while a statement that writes is under way
    own.keep();
    return entry;
  });
}

Result<void> SqliteOutbox::mark_sent(std::int64_t id, UnixTime now) { return settle(id, now, "sent", {}); }

Result<void> SqliteOutbox::mark_dropped(std::int64_t id, UnixTime now, std::string_view reason) {
  return settle(id, now, "dropped", reason);
}

Result<void> SqliteOutbox::mark_dead(std::int64_t id, UnixTime now, std::string_view reason) {
  return settle(id, now, "dead", reason);
}

Result<void> SqliteOutbox::settle(std::int64_t id, UnixTime now, const char* state, std::string_view reason) {
  return database_.write([&](SqliteConnection& connection, SqliteOwnPart& own) {
    return keep_one(own, bind_all(connection.prepare(R"(
      UPDATE waxseal_outbox SET state = ?2, settled_at = ?3, reason = nullif(?4, ''), due_at = NULL, held_until = NULL
       WHERE id = ?1 AND state = 'queued')"),
                                  id, state, now, reason)
                             .exec());
  });
}

Result<void> SqliteOutbox::retry_at(const OutboxEntry& entry, UnixTime not_before, std::string_view reason) {
  return database_.write([&](SqliteConnection& connection, SqliteOwnPart& own) {
    return keep_one(own, bind_all(connection.prepare(R"(
      UPDATE waxseal_outbox SET due_at = ?2, held_until = NULL, reason = ?3, attempts = attempts + 1
       WHERE id = ?1 AND state = 'queued' AND held_until = ?4)"),
                                  entry.id, not_before, reason, entry.held_until)
                             .exec());
  });
}

}  // namespace waxseal::server
