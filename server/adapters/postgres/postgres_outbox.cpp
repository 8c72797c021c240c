#include "adapters/postgres/postgres_store.hpp"
#include "ports/stored_names.hpp"

namespace waxseal::server {
namespace {

OutboxEntry entry_of(const pqxx::row& row) {
  OutboxEntry entry;
  entry.id = row[0].as<std::int64_t>();
  entry.kind = mail_kind_named(row[1].c_str());
  entry.account_id = row[2].c_str();
  entry.address = row[3].c_str();
  entry.version = static_cast<LinkVersion>(row[4].as<std::int64_t>());
  entry.language = row[5].c_str();
  entry.message_token = row[6].c_str();
  entry.created_at = from_unix_s(row[7].as<std::int64_t>());
  entry.attempts = row[8].as<int>();
  entry.wanted_since = from_unix_s(row[9].as<std::int64_t>());
  entry.held_until = from_unix_s(row[10].as<std::int64_t>());
  if (!row[11].is_null()) {
    entry.event = EmailChange{reason_named(row[11].c_str()), entry.account_id, row[12].c_str(), row[13].c_str(),
                              entry.created_at};
  }
  return entry;
}

/// Claims the entry of a queue that is next at $1, until $3. Rows that another worker is about to claim are passed over. What is
/// due after $2 was written before the clock was set back; it is looked for when nothing is due.
std::string claim_of(OutboxQueue queue) {
  const std::string from = std::string{"(SELECT id FROM waxseal_outbox WHERE payload IS "} +
                           (queue == OutboxQueue::mails ? "NULL" : "NOT NULL") + " AND due_at ";
  const std::string first = " ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)";
  return "UPDATE waxseal_outbox SET due_at = $3::bigint, held_until = $3::bigint WHERE id = coalesce(" + from +
         "<= $1::bigint" + first + ", " + from + "> $2::bigint" + first + R"()
      RETURNING id, kind, account_id, address, link_version, language, message_token, created_at, attempts,
                coalesce(retried_at, created_at), held_until,
                payload ->> 'reason', payload ->> 'old_email', payload ->> 'new_email')";
}

/// Keeps a write that must have met one entry.
Result<void> keep_one(PostgresTransaction& transaction, std::size_t rows) {
  if (rows != 1) return fail(ErrorCode::internal, "the outbox entry is gone or settled");
  transaction.keep();
  return {};
}

}  // namespace

Result<std::optional<OutboxEntry>> PostgresOutbox::claim_next(OutboxQueue queue, UnixTime now,
                                                              std::chrono::seconds lease) {
  // In doubt the entry may be held by nobody until the lease ends: late, and never twice.
  return database_.write(InDoubt::fail, [&](PostgresTransaction& transaction) -> Result<std::optional<OutboxEntry>> {
    const pqxx::result claimed = transaction.run(claim_of(queue), now, now + longest_outbox_wait, now + lease);
    if (claimed.empty()) return std::optional<OutboxEntry>{};
    transaction.keep();
    return std::optional{entry_of(claimed[0])};
  });
}

Result<void> PostgresOutbox::mark_sent(std::int64_t id, UnixTime now) { return settle(id, now, "sent", {}); }

Result<void> PostgresOutbox::mark_dropped(std::int64_t id, UnixTime now, std::string_view reason) {
  return settle(id, now, "dropped", reason);
}

Result<void> PostgresOutbox::mark_dead(std::int64_t id, UnixTime now, std::string_view reason) {
  return settle(id, now, "dead", reason);
}

Result<void> PostgresOutbox::settle(std::int64_t id, UnixTime now, const char* state, std::string_view reason) {
  return database_.write(InDoubt::fail, [&](PostgresTransaction& transaction) {
    return keep_one(transaction, transaction.write(R"(
      UPDATE waxseal_outbox SET state = $2, settled_at = $3, reason = nullif($4, ''), due_at = NULL, held_until = NULL
       WHERE id = $1 AND state = 'queued')",
                                                   id, state, now, storable(reason)));
  });
}

Result<void> PostgresOutbox::retry_at(const OutboxEntry& entry, UnixTime not_before, std::string_view reason) {
  return database_.write(InDoubt::fail, [&](PostgresTransaction& transaction) {
    return keep_one(transaction, transaction.write(R"(
      UPDATE waxseal_outbox SET due_at = $2, held_until = NULL, reason = $3, attempts = attempts + 1
       WHERE id = $1 AND state = 'queued' AND held_until = $4)",
                                                   entry.id, not_before, storable(reason), entry.held_until));
  });
}

}  // namespace waxseal::server
