#include "adapters/sqlite/sqlite_store.hpp"

#include "adapters/sqlite/bind.hpp"
#include "adapters/sqlite/sqlite_migrations.hpp"

namespace waxseal::server {
namespace {

/// The first version of an account that has no record. Not 1: should records be lost (a restored backup, a wrong DELETE),
/// a version that some old link still carries must not come back, and nobody asks for a link each second for years.
LinkVersion first_link_version(UnixTime now) { return static_cast<LinkVersion>(to_unix_s(now)); }

Account account_of(SQLite::Statement& row) {
  return {row.getColumn(0).getString(), row.getColumn(1).getString(), row.getColumn(2).getInt() != 0, {}};
}

ChangeOutcome outcome_of(const std::string& name) {
  if (name == "pending") return ChangeOutcome::pending;
  if (name == "applied") return ChangeOutcome::applied;
  if (name == "cancelled") return ChangeOutcome::cancelled;
  if (name == "undone") return ChangeOutcome::undone;
  return ChangeOutcome::superseded;
}

LinkState read_link_state(SqliteConnection& connection, std::string_view account_id) {
  SQLite::Statement& select = bind_all(connection.prepare(R"(
    SELECT state.link_version, change.new_email
      FROM waxseal_link_state AS state
      LEFT JOIN waxseal_change AS change
        ON change.account_id = state.account_id AND change.link_version = state.link_version
       AND change.outcome = 'pending'
     WHERE state.account_id = ?1)"),
                                       account_id);
  if (!select.executeStep()) return {};
  LinkState state;
  state.version = static_cast<LinkVersion>(select.getColumn(0).getInt64());
  if (!select.getColumn(1).isNull()) state.pending_email = select.getColumn(1).getString();
  return state;
}

/// Whether another account holds the key. One's own address in another spelling is free.
bool held_by_another(SqliteConnection& connection, std::string_view email_key, std::string_view account_id) {
  return bind_all(connection.prepare("SELECT 1 FROM waxseal_email_claim WHERE email_key = ?1 AND account_id <> ?2"),
                  email_key, account_id)
      .executeStep();
}

/// False if another account holds the key.
bool claim_email(SqliteConnection& connection, std::string_view account_id,
                 const std::optional<std::string>& email_key) {
  bind_all(connection.prepare("DELETE FROM waxseal_email_claim WHERE account_id = ?1"), account_id).exec();
  if (!email_key) return true;
  return bind_all(
             connection.prepare("INSERT OR IGNORE INTO waxseal_email_claim (email_key, account_id) VALUES (?1, ?2)"),
             *email_key, account_id)
             .exec() == 1;
}

void supersede_pending(SqliteConnection& connection, std::string_view account_id, UnixTime now) {
  bind_all(connection.prepare(R"(
    UPDATE waxseal_change SET outcome = 'superseded', settled_at = ?2
     WHERE account_id = ?1 AND outcome = 'pending')"),
           account_id, now)
      .exec();
}

void insert_change(SqliteConnection& connection, const ChangeRequest& request, LinkVersion version,
                   const std::string& current_email) {
  bind_all(connection.prepare(R"(
    INSERT INTO waxseal_link_state (account_id, link_version) VALUES (?1, ?2)
    ON CONFLICT (account_id) DO UPDATE SET link_version = excluded.link_version)"),
           request.account_id, version)
      .exec();
  bind_all(connection.prepare(R"(
    INSERT INTO waxseal_change (account_id, link_version, old_email, new_email, outcome, requested_at)
    VALUES (?1, ?2, ?3, ?4, 'pending', ?5))"),
           request.account_id, version, current_email, request.new_email, request.now)
      .exec();
}

void insert_mail(SqliteConnection& connection, const ChangeRequest& request, LinkVersion version,
                 const std::string& current_email) {
  const bool taken = request.email_key && (request.new_email == current_email ||
                                           held_by_another(connection, *request.email_key, request.account_id));
  bind_all(connection.prepare(R"(
    INSERT INTO waxseal_outbox
      (kind, account_id, address, link_version, language, message_token, created_at, due_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7))"),
           name_of(taken ? request.mail->if_taken : request.mail->if_free), request.account_id, request.new_email,
           version, request.mail->language, request.mail->message_token, request.now)
      .exec();
}

/// False if the token is another account's.
bool claim_token(SqliteConnection& connection, std::string_view account_id, const TokenHash& token, UnixTime now) {
  bind_all(connection.prepare(R"(
    INSERT OR IGNORE INTO waxseal_token (token_hash, account_id, created_at) VALUES (?1, ?2, ?3))"),
           token, account_id, now)
      .exec();
  return bind_all(connection.prepare("SELECT 1 FROM waxseal_token WHERE token_hash = ?1 AND account_id = ?2"), token,
                  account_id)
      .executeStep();
}

tl::unexpected<Error> another_accounts_token() {
  return fail(ErrorCode::invalid_token, "the token is another account's");
}

/// Closes the record that the link names and raises the version; false if either is not as the change expects.
bool settle_version(SqliteConnection& connection, const ChangeToApply& change) {
  const bool record_open = bind_all(connection.prepare(R"(
    UPDATE waxseal_change SET outcome = 'applied', settled_at = ?4
     WHERE account_id = ?1 AND link_version = ?2 AND new_email = ?3 AND outcome = 'pending')"),
                                    change.account_id, *change.link_version, change.new_email, change.now)
                               .exec() == 1;
  if (!record_open) return false;
  return change.latest_only == LatestOnly::no ||
         read_link_state(connection, change.account_id).version == *change.link_version;
}

/// False if the link was remembered already. Forgets those that have expired by themselves.
bool remember_link(SqliteConnection& connection, const ChangeToApply::RememberedLink& link, UnixTime now) {
  bind_all(connection.prepare("DELETE FROM waxseal_used_link WHERE forget_after < ?1"), now).exec();
  return bind_all(
             connection.prepare("INSERT OR IGNORE INTO waxseal_used_link (fingerprint, forget_after) VALUES (?1, ?2)"),
             link.fingerprint, link.forget_after)
             .exec() == 1;
}

}  // namespace

Result<std::optional<Account>> SqliteStore::find_account(std::string_view id) {
  return database_.run([&](SqliteConnection& connection) -> Result<std::optional<Account>> {
    SQLite::Statement& select =
        bind_all(connection.prepare("SELECT id, email, active FROM waxseal_account WHERE id = ?1"), id);
    if (!select.executeStep()) return std::optional<Account>{};
    return account_of(select);
  });
}

Result<std::optional<Account>> SqliteStore::find_account_by_token(std::string_view token) {
  return database_.run([&](SqliteConnection& connection) -> Result<std::optional<Account>> {
    SQLite::Statement& select = bind_all(connection.prepare(R"(
      SELECT account.id, account.email, account.active
        FROM waxseal_token AS token JOIN waxseal_account AS account ON account.id = token.account_id
       WHERE token.token_hash = ?1)"),
                                         hash_of_token(token));
    if (!select.executeStep()) return std::optional<Account>{};
    return account_of(select);
  });
}

Result<LinkState> SqliteStore::link_state(std::string_view account_id) {
  return database_.run(
      [&](SqliteConnection& connection) -> Result<LinkState> { return read_link_state(connection, account_id); });
}

Result<std::optional<ChangeRecord>> SqliteStore::find_change(std::string_view account_id, LinkVersion version) {
  return database_.run([&](SqliteConnection& connection) -> Result<std::optional<ChangeRecord>> {
    SQLite::Statement& select = bind_all(connection.prepare(R"(
      SELECT old_email, new_email, outcome FROM waxseal_change WHERE account_id = ?1 AND link_version = ?2)"),
                                         account_id, version);
    if (!select.executeStep()) return std::optional<ChangeRecord>{};
    return ChangeRecord{version, select.getColumn(0).getString(), select.getColumn(1).getString(),
                        outcome_of(select.getColumn(2).getString())};
  });
}

Result<bool> SqliteStore::is_link_remembered(const ByteArray<32>& fingerprint) {
  return database_.run([&](SqliteConnection& connection) -> Result<bool> {
    return bind_all(connection.prepare("SELECT 1 FROM waxseal_used_link WHERE fingerprint = ?1"), fingerprint)
        .executeStep();
  });
}

Result<LinkVersion> SqliteStore::request_change(const ChangeRequest& request) {
  return database_.run([&](SqliteConnection& connection) -> Result<LinkVersion> {
    SqliteWrite write{connection};
    SQLite::Statement& account =
        bind_all(connection.prepare("SELECT email FROM waxseal_account WHERE id = ?1"), request.account_id);
    if (!account.executeStep()) return fail(ErrorCode::user_not_found, "no account " + request.account_id);
    const std::string current_email = account.getColumn(0).getString();

    LinkState state = read_link_state(connection, request.account_id);
    if (state.pending_email != request.new_email) {
      if (request.latest_only == LatestOnly::yes) supersede_pending(connection, request.account_id, request.now);
      state.version = state.version == 0 ? first_link_version(request.now) : state.version + 1;
      insert_change(connection, request, state.version, current_email);
    }
    if (request.mail) insert_mail(connection, request, state.version, current_email);
    write.commit();
    return state.version;
  });
}

Result<ApplyResult> SqliteStore::apply(const ChangeToApply& change) {
  return database_.run([&](SqliteConnection& connection) -> Result<ApplyResult> {
    SqliteWrite write{connection};  // every early return rolls back
    const bool still_current =
        bind_all(connection.prepare(R"(
      UPDATE waxseal_account SET email = ?3 WHERE id = ?1 AND email = ?2 AND (active = 1 OR NOT ?4))"),
                 change.account_id, change.current_email, change.new_email, change.require_active == RequireActive::yes)
            .exec() == 1;
    if (!still_current) return ApplyResult::stale;
    if (change.remember && !remember_link(connection, *change.remember, change.now)) return ApplyResult::link_used;
    if (change.link_version && !settle_version(connection, change)) return ApplyResult::stale;
    if (!claim_email(connection, change.account_id, change.email_key)) return ApplyResult::email_taken;

    supersede_pending(connection, change.account_id, change.now);
    bind_all(connection.prepare("UPDATE waxseal_link_state SET link_version = link_version + 1 WHERE account_id = ?1"),
             change.account_id)
        .exec();
    write.commit();
    return ApplyResult::applied;
  });
}

Result<void> SqliteStore::check_ready() { return check_sqlite_schema(database_); }

Result<void> SqliteStore::add_account(const NewAccount& account) {
  return database_.run([&](SqliteConnection& connection) -> Result<void> {
    SqliteWrite write{connection};
    const bool added = bind_all(connection.prepare(R"(
      INSERT OR IGNORE INTO waxseal_account (id, email, active) VALUES (?1, ?2, ?3))"),
                                account.id, account.email, account.active)
                           .exec() == 1;
    if (!added) return fail(ErrorCode::invalid_fields, "an account has the id " + account.id);
    if (!claim_email(connection, account.id, account.email_key)) {
      return fail(ErrorCode::email_already_registered, "an account has the address " + account.email);
    }
    if (account.token && !claim_token(connection, account.id, *account.token, account.now))
      return another_accounts_token();
    write.commit();
    return {};
  });
}

Result<void> SqliteStore::add_token(std::string_view account_id, const TokenHash& token, UnixTime now) {
  return database_.run([&](SqliteConnection& connection) -> Result<void> {
    SqliteWrite write{connection};
    if (!bind_all(connection.prepare("SELECT 1 FROM waxseal_account WHERE id = ?1"), account_id).executeStep()) {
      return fail(ErrorCode::user_not_found, "no account " + std::string{account_id});
    }
    if (!claim_token(connection, account_id, token, now)) return another_accounts_token();
    write.commit();
    return {};
  });
}

Result<void> SqliteStore::reconcile_claims(const std::string& basis,
                                           const std::function<std::optional<std::string>(std::string_view)>& key_of) {
  return database_.run([&](SqliteConnection& connection) -> Result<void> {
    SqliteWrite write{connection};
    SQLite::Statement& recorded = connection.prepare("SELECT basis FROM waxseal_claim_basis");
    if (recorded.executeStep() && recorded.getColumn(0).getString() == basis) return {};
    connection.database().exec("DELETE FROM waxseal_email_claim");
    SQLite::Statement& accounts = connection.prepare("SELECT id, email FROM waxseal_account ORDER BY id");
    while (accounts.executeStep()) {
      const std::string id = accounts.getColumn(0).getString();
      const std::optional<std::string> key = key_of(accounts.getColumn(1).getString());
      if (!claim_email(connection, id, key)) {
        return fail(ErrorCode::email_already_registered,
                    "email_unique is on, but account " + id + " has the address of another account");
      }
    }
    bind_all(connection.prepare("UPDATE waxseal_claim_basis SET basis = ?1"), basis).exec();
    write.commit();
    return {};
  });
}

}  // namespace waxseal::server
