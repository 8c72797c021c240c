#include "adapters/sqlite/bind.hpp"
#include "adapters/sqlite/sqlite_store.hpp"

namespace waxseal::server {
namespace {

OutboxEntry entry_of(SQLite::Statement& row) {
  OutboxEntry entry;
  entry.id = row.getColumn(0).getInt64();
  entry.kind = row.getColumn(1).getString() == "verify_email" ? MailKind::verify_email : MailKind::email_in_use;
  entry.account_id = row.getColumn(2).getString();
  entry.address = row.getColumn(3).getString();
  entry.version = static_cast<LinkVersion>(row.getColumn(4).getInt64());
  entry.language = row.getColumn(5).getString();
  entry.message_token = row.getColumn(6).getString();
  entry.created_at = from_unix_s(row.getColumn(7).getInt64());
  entry.attempts = row.getColumn(8).getInt();
  return entry;
}

Result<void> exactly_one(int rows) {
  if (rows == 1) return {};
  return fail(ErrorCode::internal, "the outbox entry is gone or settled");
}

}  // namespace

Result<std::optional<OutboxEntry>> SqliteOutbox::claim_next(UnixTime now, std::chrono::seconds lease) {
  return database_.run([&](SqliteConnection& connection) -> Result<std::optional<OutboxEntry>> {
    const char* due = "SELECT id FROM waxseal_outbox WHERE due_at <= ?1 ORDER BY due_at, id LIMIT 1";
    if (!bind_all(connection.prepare(due), now).executeStep()) return std::optional<OutboxEntry>{};  // no write lock taken

    SQLite::Statement& claim = bind_all(connection.prepare(R"(
      UPDATE waxseal_outbox SET due_at = ?2
       WHERE id = (SELECT id FROM waxseal_outbox WHERE due_at <= ?1 ORDER BY due_at, id LIMIT 1)
      RETURNING id, kind, account_id, address, link_version, language, message_token, created_at, attempts)"),
                                        now, now + lease);
    if (!claim.executeStep()) return std::optional<OutboxEntry>{};
    OutboxEntry entry = entry_of(claim);
    claim.executeStep();  // the last step commits, and its failure must be seen
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
  return database_.run([&](SqliteConnection& connection) {
    return exactly_one(bind_all(connection.prepare(R"(
      UPDATE waxseal_outbox SET state = ?2, settled_at = ?3, reason = nullif(?4, ''), due_at = NULL
       WHERE id = ?1 AND state = 'queued')"), id, state, now, reason).exec());
  });
}

Result<void> SqliteOutbox::retry_at(std::int64_t id, UnixTime not_before, std::string_view reason) {
  return database_.run([&](SqliteConnection& connection) {
    return exactly_one(bind_all(connection.prepare(R"(
      UPDATE waxseal_outbox SET due_at = ?2, reason = ?3, attempts = attempts + 1
       WHERE id = ?1 AND state = 'queued')"), id, not_before, reason).exec());
  });
}

}  // namespace waxseal::server
