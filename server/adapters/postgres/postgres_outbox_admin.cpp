#include "adapters/postgres/postgres_outbox_admin.hpp"

#include "ports/stored_names.hpp"

namespace waxseal::server {
namespace {

/// The conditions of a selection over the parameters $1 to $3.
constexpr const char* selected = R"(
  ($1::bigint[] = '{}' OR id = ANY ($1::bigint[])) AND ($2::text[] = '{}' OR state = ANY ($2::text[]))
  AND ($3::bigint IS NULL OR coalesce(settled_at, created_at) < $3::bigint))";

/// Held by nobody at $4; $5 is when no lease can end unless the clock was set back.
constexpr const char* is_free = "(coalesce(held_until, 0) NOT BETWEEN $4::bigint + 1 AND $5::bigint)";

template <typename... More>
pqxx::result run(PostgresTransaction& transaction, const std::string& sql, const OutboxSelection& selection,
                 UnixTime now, const More&... more) {
  std::vector<std::string_view> states;
  for (const OutboxState state : selection.states) states.emplace_back(name_of(state));
  return transaction.run(sql, selection.ids, states, selection.before, now, now + longest_outbox_wait, more...);
}

OutboxRow row_of(const pqxx::row& row) {
  OutboxRow entry;
  entry.id = row[0].as<std::int64_t>();
  entry.kind = row[1].c_str();
  entry.account_id = row[2].c_str();
  entry.address = row[3].c_str();
  entry.state = outbox_state_named(row[4].c_str());
  entry.attempts = row[5].as<int>();
  entry.due_at = time_of(row[6]);
  entry.held = !row[7].as<bool>();
  entry.reason = row[8].c_str();
  entry.created_at = from_unix_s(row[9].as<std::int64_t>());
  entry.settled_at = time_of(row[10]);
  return entry;
}

/// Runs one writing statement about a selection and returns how many rows it met.
Result<int> write(PostgresDatabase& database, const std::string& sql, const OutboxSelection& selection, UnixTime now) {
  return database.write(
      InDoubt::fail,
      [&](PostgresTransaction& transaction) -> Result<int> {
        const auto rows = run(transaction, sql, selection, now).affected_rows();
        transaction.keep();
        return static_cast<int>(rows);
      },
      Patience::of_an_operator);
}

}  // namespace

Result<std::vector<OutboxRow>> PostgresOutboxAdmin::list(const OutboxSelection& selection, std::size_t most,
                                                         UnixTime now) {
  return database_.read([&](PostgresTransaction& transaction) -> Result<std::vector<OutboxRow>> {
    const std::string sql = std::string{"SELECT id, kind, account_id, address, state, attempts, due_at, "} + is_free +
                            ", coalesce(reason, ''), created_at, settled_at FROM waxseal_outbox WHERE " + selected +
                            " ORDER BY id DESC LIMIT $6";
    std::vector<OutboxRow> rows;
    for (const pqxx::row& row : run(transaction, sql, selection, now, most)) rows.push_back(row_of(row));
    return std::vector<OutboxRow>{rows.rbegin(), rows.rend()};
  });
}

Result<int> PostgresOutboxAdmin::retry(const OutboxSelection& selection, UnixTime now) {
  return write(
      database_,
      std::string{
          "UPDATE waxseal_outbox SET state = 'queued', due_at = $4::bigint, settled_at = NULL, held_until = NULL,"
          " retried_at = $4::bigint, attempts = 0 WHERE state IN ('dead', 'queued') AND "} +
          selected + " AND " + is_free,
      selection, now);
}

Result<int> PostgresOutboxAdmin::purge(const OutboxSelection& selection, UnixTime now) {
  return write(database_, std::string{"DELETE FROM waxseal_outbox WHERE "} + selected + " AND " + is_free, selection,
               now);
}

Result<OutboxDepth> PostgresOutboxAdmin::depth(OutboxQueue queue) {
  return database_.read([&](PostgresTransaction& transaction) -> Result<OutboxDepth> {
    // The conditions are those of the queue's index, which holds what waits and nothing else.
    const pqxx::result found =
        transaction.run(std::string{"SELECT count(*), min(coalesce(retried_at, created_at)) FROM waxseal_outbox WHERE "
                                    "due_at IS NOT NULL AND payload IS "} +
                        (queue == OutboxQueue::mails ? "NULL" : "NOT NULL"));
    return OutboxDepth{found[0][0].as<std::int64_t>(), time_of(found[0][1])};
  });
}

}  // namespace waxseal::server
