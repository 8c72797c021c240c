#include "adapters/sqlite/sqlite_changes.hpp"

#include "adapters/sqlite/bind.hpp"

namespace waxseal::server {
namespace {

/// The first version of an account that has no record. Not 1: should records be lost (a restored backup, a wrong DELETE),
/// a version that some old link still carries must not come back, and nobody asks for a link each second for years.
LinkVersion first_link_version(UnixTime now) { return static_cast<LinkVersion>(to_unix_s(now)); }

ChangeOutcome outcome_of(const std::string& name) {
  if (name == "pending") return ChangeOutcome::pending;
  if (name == "applied") return ChangeOutcome::applied;
  if (name == "cancelled") return ChangeOutcome::cancelled;
  if (name == "undone") return ChangeOutcome::undone;
  return ChangeOutcome::superseded;
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
  return ChangeRecord{version, select.getColumn(0).getString(), select.getColumn(1).getString(),
                      outcome_of(select.getColumn(2).getString())};
}

bool SqliteChanges::is_pending(LinkVersion version, const std::string& old_email, const std::string& new_email) {
  const std::optional<ChangeRecord> change = find(version);
  return change && change->outcome == ChangeOutcome::pending && change->old_email == old_email &&
         change->new_email == new_email;
}

LinkVersion SqliteChanges::next_version() {
  const LinkVersion version = state().version;
  return version == 0 ? first_link_version(now_) : version + 1;
}

LinkVersion SqliteChanges::insert(const std::string& old_email, const std::string& new_email, const char* outcome) {
  const LinkVersion version = next_version();
  bind_all(connection_.prepare(R"(
    INSERT INTO waxseal_link_state (account_id, link_version) VALUES (?1, ?2)
    ON CONFLICT (account_id) DO UPDATE SET link_version = excluded.link_version)"),
           account_id_, version)
      .exec();
  bind_all(connection_.prepare(R"(
    INSERT INTO waxseal_change (account_id, link_version, old_email, new_email, outcome, requested_at, settled_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, iif(?5 = 'pending', NULL, ?6)))"),
           account_id_, version, old_email, new_email, outcome, now_)
      .exec();
  return version;
}

LinkVersion SqliteChanges::open(const std::string& old_email, const std::string& new_email) {
  return insert(old_email, new_email, "pending");
}

bool SqliteChanges::close_applied(LinkVersion version, const std::string& old_email, const std::string& new_email) {
  return bind_all(connection_.prepare(R"(
    UPDATE waxseal_change SET outcome = 'applied', settled_at = ?5
     WHERE account_id = ?1 AND link_version = ?2 AND old_email = ?3 AND new_email = ?4 AND outcome = 'pending')"),
                  account_id_, version, old_email, new_email, now_)
             .exec() == 1;
}

LinkVersion SqliteChanges::record_applied(const std::string& old_email, const std::string& new_email) {
  SQLite::Statement& newest = bind_all(connection_.prepare(R"(
    SELECT link_version FROM waxseal_change
     WHERE account_id = ?1 AND old_email = ?2 AND new_email = ?3 AND outcome = 'pending'
     ORDER BY link_version DESC LIMIT 1)"),
                                       account_id_, old_email, new_email);
  if (!newest.executeStep()) return insert(old_email, new_email, "applied");
  const auto version = static_cast<LinkVersion>(newest.getColumn(0).getInt64());
  close_applied(version, old_email, new_email);
  raise_version();
  return version;
}

void SqliteChanges::supersede_pending() {
  bind_all(connection_.prepare(R"(
    UPDATE waxseal_change SET outcome = 'superseded', settled_at = ?2
     WHERE account_id = ?1 AND outcome = 'pending')"),
           account_id_, now_)
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

/// Usually `pressed` itself. Without latest_only an older request may have been applied after it: then both left the
/// same address, and the older one is the last applied before it.
LinkVersion SqliteChanges::first_to_withdraw(const ChangeRecord& pressed) {
  SQLite::Statement& before = bind_all(connection_.prepare(R"(
    SELECT link_version, old_email FROM waxseal_change
     WHERE account_id = ?1 AND link_version < ?2 AND outcome = 'applied'
       AND settled_at >= (SELECT requested_at FROM waxseal_change WHERE account_id = ?1 AND link_version = ?2)
     ORDER BY link_version DESC LIMIT 1)"),
                                       account_id_, pressed.version);
  const bool followed = before.executeStep() && before.getColumn(1).getString() == pressed.old_email;
  return followed ? static_cast<LinkVersion>(before.getColumn(0).getInt64()) : pressed.version;
}

bool SqliteChanges::withdraw(const ChangeRecord& pressed) {
  const LinkVersion first = first_to_withdraw(pressed);
  const bool was_applied = bind_all(connection_.prepare(R"(
    SELECT 1 FROM waxseal_change WHERE account_id = ?1 AND link_version >= ?2 AND outcome = 'applied')"),
                                    account_id_, first)
                               .executeStep();
  bind_all(connection_.prepare(R"(
    UPDATE waxseal_change SET outcome = iif(outcome = 'applied', 'undone', 'cancelled'), settled_at = ?3
     WHERE account_id = ?1
       AND (outcome = 'pending' OR (link_version >= ?2 AND outcome IN ('applied', 'superseded'))))"),
           account_id_, first, now_)
      .exec();
  return was_applied;
}

void SqliteChanges::queue_mail(MailKind kind, const std::string& address, LinkVersion version,
                               const NoticeOrder& order) {
  bind_all(connection_.prepare(R"(
    INSERT INTO waxseal_outbox
      (kind, account_id, address, link_version, language, message_token, created_at, due_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
    ON CONFLICT (account_id, link_version) WHERE kind = 'change_notice' DO UPDATE
      SET message_token = excluded.message_token, language = excluded.language, created_at = excluded.created_at,
          due_at = excluded.due_at, attempts = 0, state = 'queued', reason = NULL, settled_at = NULL,
          held_until = NULL, retried_at = NULL
      WHERE created_at <= ?8)"),
           name_of(kind), account_id_, address, version, order.language, order.message_token, now_, now_ - notice_holds)
      .exec();
}

}  // namespace waxseal::server
