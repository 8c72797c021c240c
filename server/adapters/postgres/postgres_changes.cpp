#include "adapters/postgres/postgres_changes.hpp"

#include "ports/stored_names.hpp"

namespace waxseal::server {
namespace {

LinkVersion version_of(const pqxx::field& field) { return static_cast<LinkVersion>(field.as<std::int64_t>()); }

ChangeRecord record_of(LinkVersion version, const pqxx::row& row) {
  return {version, row[0].c_str(), row[1].c_str(), outcome_named(row[2].c_str())};
}

}  // namespace

LinkState PostgresChanges::state() {
  const pqxx::result found = transaction_.run(R"(
    SELECT state.link_version, change.new_email
      FROM waxseal_link_state AS state
      LEFT JOIN waxseal_change AS change
        ON change.account_id = state.account_id AND change.link_version = state.link_version
       AND change.outcome = 'pending'
     WHERE state.account_id = $1)",
                                              account_id_);
  if (found.empty()) return {};
  LinkState state;
  state.version = version_of(found[0][0]);
  if (!found[0][1].is_null()) state.pending_email = found[0][1].c_str();
  return state;
}

std::optional<ChangeRecord> PostgresChanges::find(LinkVersion version) {
  const pqxx::result found = transaction_.run(R"(
    SELECT old_email, new_email, outcome FROM waxseal_change WHERE account_id = $1 AND link_version = $2)",
                                              account_id_, version);
  return found.empty() ? std::nullopt : std::optional{record_of(version, found[0])};
}

void PostgresChanges::insert(const ChangeRecord& record, UnixTime now) {
  transaction_.write(R"(
    WITH state AS (
      INSERT INTO waxseal_link_state (account_id, link_version) VALUES ($1, $2)
      ON CONFLICT (account_id) DO UPDATE SET link_version = excluded.link_version)
    INSERT INTO waxseal_change (account_id, link_version, old_email, new_email, outcome, requested_at, settled_at)
    VALUES ($1, $2, $3, $4, $5::text, $6::bigint, CASE WHEN $5::text <> 'pending' THEN $6::bigint END))",
                     account_id_, record.version, record.old_email, record.new_email, name_of(record.outcome), now);
}

std::optional<LinkVersion> PostgresChanges::newest_pending(const std::string& old_email, const std::string& new_email) {
  const pqxx::result newest = transaction_.run(R"(
    SELECT link_version FROM waxseal_change
     WHERE account_id = $1 AND old_email = $2 AND new_email = $3 AND outcome = 'pending'
     ORDER BY link_version DESC LIMIT 1)",
                                               account_id_, old_email, new_email);
  return newest.empty() ? std::nullopt : std::optional{version_of(newest[0][0])};
}

void PostgresChanges::note_asked_again(LinkVersion version, UnixTime now) {
  transaction_.write("UPDATE waxseal_change SET asked_again_at = $3 WHERE account_id = $1 AND link_version = $2",
                     account_id_, version, now);
}

bool PostgresChanges::close_applied(LinkVersion version, const std::string& old_email, const std::string& new_email,
                                    UnixTime now) {
  return transaction_.write(R"(
    UPDATE waxseal_change SET outcome = 'applied', settled_at = $5
     WHERE account_id = $1 AND link_version = $2 AND old_email = $3 AND new_email = $4 AND outcome = 'pending')",
                            account_id_, version, old_email, new_email, now) == 1;
}

void PostgresChanges::supersede_pending(UnixTime now) {
  transaction_.write(R"(
    UPDATE waxseal_change SET outcome = 'superseded', settled_at = $2
     WHERE account_id = $1 AND outcome = 'pending')",
                     account_id_, now);
}

void PostgresChanges::raise_version() {
  transaction_.write("UPDATE waxseal_link_state SET link_version = link_version + 1 WHERE account_id = $1",
                     account_id_);
}

std::optional<ApplyResult> PostgresChanges::voided_since(UnixTime since, const std::string& new_email) {
  const pqxx::result withdrawn = transaction_.run(R"(
    SELECT bool_or(outcome = 'undone' AND new_email = $3) FROM waxseal_change
     WHERE account_id = $1 AND outcome IN ('cancelled', 'undone') AND settled_at >= $2)",
                                                  account_id_, since, new_email);
  if (withdrawn[0][0].is_null()) return std::nullopt;
  return withdrawn[0][0].as<bool>() ? ApplyResult::change_undone : ApplyResult::link_cancelled;
}

std::optional<ChangeRecord> PostgresChanges::applied_after_request_of(LinkVersion version) {
  const pqxx::result before = transaction_.run(R"(
    SELECT old_email, new_email, outcome, link_version FROM waxseal_change
     WHERE account_id = $1 AND link_version < $2 AND outcome = 'applied'
       AND settled_at >= (SELECT requested_at FROM waxseal_change WHERE account_id = $1 AND link_version = $2)
     ORDER BY link_version DESC LIMIT 1)",
                                               account_id_, version);
  return before.empty() ? std::nullopt : std::optional{record_of(version_of(before[0][3]), before[0])};
}

bool PostgresChanges::withdraw_from(LinkVersion first, UnixTime now) {
  const bool was_applied = transaction_.is_any(R"(
    SELECT 1 FROM waxseal_change WHERE account_id = $1 AND link_version >= $2 AND outcome = 'applied' LIMIT 1)",
                                               account_id_, first);
  transaction_.write(R"(
    UPDATE waxseal_change
       SET outcome = CASE WHEN outcome = 'applied' THEN 'undone' ELSE 'cancelled' END, settled_at = $3
     WHERE account_id = $1
       AND (outcome = 'pending' OR (link_version >= $2 AND outcome IN ('applied', 'superseded'))))",
                     account_id_, first, now);
  return was_applied;
}

void PostgresChanges::queue_mail(MailKind kind, const std::string& address, LinkVersion version,
                                 const NoticeOrder& order, UnixTime now) {
  transaction_.write(R"(
    INSERT INTO waxseal_outbox AS queued
      (kind, account_id, address, link_version, language, message_token, created_at, due_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
    ON CONFLICT (account_id, link_version) WHERE kind = 'change_notice' DO UPDATE
      SET message_token = excluded.message_token, language = excluded.language, created_at = excluded.created_at,
          due_at = excluded.due_at, attempts = 0, state = 'queued', reason = NULL, settled_at = NULL,
          held_until = NULL, retried_at = NULL
      WHERE queued.created_at <= $8)",
                     name_of(kind), account_id_, address, version, order.language, order.message_token, now,
                     now - notice_holds);
}

}  // namespace waxseal::server
