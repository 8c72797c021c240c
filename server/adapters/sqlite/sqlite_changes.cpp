#include "adapters/sqlite/sqlite_changes.hpp"

#include "adapters/sqlite/bind.hpp"
#include "ports/stored_names.hpp"

namespace waxseal::server {
namespace {

ChangeRecord record_of(LinkVersion version, SQLite::Statement& row) {
  return {version, row.getColumn(0).getString(), row.getColumn(1).getString(),
          outcome_named(row.getColumn(2).getString())};
}

}  // namespace

LinkState SqliteChanges::state() {
  SQLite::Statement& select = bind_all(connection_.prepare(R"(
    SELECT state.link_version, change.new_email
      FROM waxseal_link_state AS state
      LEFT JOIN waxseal_change AS change
        ON change.account_id = state.account_id AND change.link_version = state.link_version
       AND change.outcome = 'pending'
     WHERE state.account_id = ?1)"),
                                       account_id_);
  if (!select.executeStep()) return {};
  LinkState state;
  state.version = static_cast<LinkVersion>(select.getColumn(0).getInt64());
  if (!select.getColumn(1).isNull()) state.pending_email = select.getColumn(1).getString();
  return state;
}

std::optional<ChangeRecord> SqliteChanges::find(LinkVersion version) {
  SQLite::Statement& select = bind_all(connection_.prepare(R"(
    SELECT old_email, new_email, outcome FROM waxseal_change WHERE account_id = ?1 AND link_version = ?2)"),
                                       account_id_, version);
  if (!select.executeStep()) return std::nullopt;
  return record_of(version, select);
}

void SqliteChanges::insert(const ChangeRecord& record, UnixTime now) {
  bind_all(connection_.prepare(R"(
    INSERT INTO waxseal_link_state (account_id, link_version) VALUES (?1, ?2)
    ON CONFLICT (account_id) DO UPDATE SET link_version = excluded.link_version)"),
           account_id_, record.version)
      .exec();
  bind_all(connection_.prepare(R"(
    INSERT INTO waxseal_change (account_id, link_version, old_email, new_email, outcome, requested_at, settled_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, iif(?5 = 'pending', NULL, ?6)))"),
           account_id_, record.version, record.old_email, record.new_email, name_of(record.outcome), now)
      .exec();
}

void SqliteChanges::note_asked_again(LinkVersion version, UnixTime now) {
  bind_all(
      connection_.prepare("UPDATE waxseal_change SET asked_again_at = ?3 WHERE account_id = ?1 AND link_version = ?2"),
      account_id_, version, now)
      .exec();
}

bool SqliteChanges::close_applied(LinkVersion version, const std::string& old_email, const std::string& new_email,
                                  UnixTime now) {
  return bind_all(connection_.prepare(R"(
    UPDATE waxseal_change SET outcome = 'applied', settled_at = ?5
     WHERE account_id = ?1 AND link_version = ?2 AND old_email = ?3 AND new_email = ?4 AND outcome = 'pending')"),
                  account_id_, version, old_email, new_email, now)
             .exec() == 1;
}

std::optional<LinkVersion> SqliteChanges::newest_pending(const std::string& old_email, const std::string& new_email) {
  SQLite::Statement& newest = bind_all(connection_.prepare(R"(
    SELECT link_version FROM waxseal_change
     WHERE account_id = ?1 AND old_email = ?2 AND new_email = ?3 AND outcome = 'pending'
     ORDER BY link_version DESC LIMIT 1)"),
                                       account_id_, old_email, new_email);
  if (!newest.executeStep()) return std::nullopt;
  return static_cast<LinkVersion>(newest.getColumn(0).getInt64());
}

void SqliteChanges::supersede_pending(UnixTime now) {
  bind_all(connection_.prepare(R"(
    UPDATE waxseal_change SET outcome = 'superseded', settled_at = ?2
     WHERE account_id = ?1 AND outcome = 'pending')"),
           account_id_, now)
      .exec();
}

void SqliteChanges::raise_version() {
  bind_all(connection_.prepare("UPDATE waxseal_link_state SET link_version = link_version + 1 WHERE account_id = ?1"),
           account_id_)
      .exec();
}

std::optional<ApplyResult> SqliteChanges::voided_since(UnixTime since, const std::string& new_email) {
  SQLite::Statement& withdrawn = bind_all(connection_.prepare(R"(
    SELECT max(outcome = 'undone' AND new_email = ?3) FROM waxseal_change
     WHERE account_id = ?1 AND outcome IN ('cancelled', 'undone') AND settled_at >= ?2)"),
                                          account_id_, since, new_email);
  if (!withdrawn.executeStep() || withdrawn.getColumn(0).isNull()) return std::nullopt;
  return withdrawn.getColumn(0).getInt() != 0 ? ApplyResult::change_undone : ApplyResult::link_cancelled;
}

std::optional<ChangeRecord> SqliteChanges::applied_after_request_of(LinkVersion version) {
  SQLite::Statement& before = bind_all(connection_.prepare(R"(
    SELECT old_email, new_email, outcome, link_version FROM waxseal_change
     WHERE account_id = ?1 AND link_version < ?2 AND outcome = 'applied'
       AND settled_at >= (SELECT requested_at FROM waxseal_change WHERE account_id = ?1 AND link_version = ?2)
     ORDER BY link_version DESC LIMIT 1)"),
                                       account_id_, version);
  if (!before.executeStep()) return std::nullopt;
  return record_of(static_cast<LinkVersion>(before.getColumn(3).getInt64()), before);
}

bool SqliteChanges::withdraw_from(LinkVersion first, UnixTime now) {
  const bool was_applied = bind_all(connection_.prepare(R"(
    SELECT 1 FROM waxseal_change WHERE account_id = ?1 AND link_version >= ?2 AND outcome = 'applied')"),
                                    account_id_, first)
                               .executeStep();
  bind_all(connection_.prepare(R"(
    UPDATE waxseal_change SET outcome = iif(outcome = 'applied', 'undone', 'cancelled'), settled_at = ?3
     WHERE account_id = ?1
       AND (outcome = 'pending' OR (link_version >= ?2 AND outcome IN ('applied', 'superseded'))))"),
           account_id_, first, now)
      .exec();
  return was_applied;
}

void SqliteChanges::queue_mail(MailKind kind, const std::string& address, LinkVersion version, const NoticeOrder& order,
                               UnixTime now) {
  bind_all(connection_.prepare(R"(
    INSERT INTO waxseal_outbox
      (kind, account_id, address, link_version, language, message_token, created_at, due_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
    ON CONFLICT (account_id, link_version) WHERE kind = 'change_notice' DO UPDATE
      SET message_token = excluded.message_token, language = excluded.language, created_at = excluded.created_at,
          due_at = excluded.due_at, attempts = 0, state = 'queued', reason = NULL, settled_at = NULL,
          held_until = NULL, retried_at = NULL
      WHERE created_at <= ?8)"),
           name_of(kind), account_id_, address, version, order.language, order.message_token, now, now - notice_holds)
      .exec();
}

}  // namespace waxseal::server
