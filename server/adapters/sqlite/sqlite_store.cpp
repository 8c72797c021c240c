#include "adapters/sqlite/sqlite_store.hpp"

#include <sqlite3.h>

#include "adapters/sqlite/bind.hpp"
#include "adapters/sqlite/sqlite_adopted_schema.hpp"
#include "adapters/sqlite/sqlite_migrations.hpp"

namespace waxseal::server {
namespace {

/// The first version of an account that has no record. Not 1: should records be lost (a restored backup, a wrong DELETE),
/// a version that some old link still carries must not come back, and nobody asks for a link each second for years.
LinkVersion first_link_version(UnixTime now) { return static_cast<LinkVersion>(to_unix_s(now)); }

Account account_of(SQLite::Statement& row) {
  return {row.getColumn(0).getString(), row.getColumn(1).getString(), row.getColumn(2).getInt() != 0,
          row.getColumn(3).getString()};
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

void insert_mail(SqliteConnection& connection, SqliteClaims claims, const ChangeRequest& request, LinkVersion version,
                 const std::string& current_email) {
  const bool taken =
      request.email_key && (request.new_email == current_email ||
                            claims.held_by_another(request.account_id, *request.email_key, request.new_email));
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

enum class EmailWrite { done, not_current, taken };

/// Writes the address if the account is as it was read. An adopted table may keep addresses unique by itself.
EmailWrite write_email(SqliteConnection& connection, const SqliteAccountSql& sql, const ChangeToApply& change) {
  try {
    const int rows = bind_all(connection.prepare(sql.set_email), change.account_id, change.current_email,
                              change.new_email, change.require_active == RequireActive::yes)
                         .exec();
    return rows == 1 ? EmailWrite::done : EmailWrite::not_current;
  } catch (const SQLite::Exception& error) {
    const int code = error.getExtendedErrorCode();
    if (code != SQLITE_CONSTRAINT_UNIQUE && code != SQLITE_CONSTRAINT_PRIMARYKEY) throw;
    return EmailWrite::taken;
  }
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

template <typename Work>
auto SqliteStore::run(Work&& work) {
  using Answer = decltype(work(std::declval<SqliteConnection&>(), std::declval<const SqliteAccountSql&>()));
  return database_.run([&](SqliteConnection& connection) -> Answer {
    const auto sql = account_sql(connection);
    if (!sql) return tl::make_unexpected(sql.error());
    return work(connection, **sql);
  });
}

Result<const SqliteAccountSql*> SqliteStore::account_sql(SqliteConnection& connection) {
  const std::lock_guard lock{mutex_};
  if (!account_sql_) {
    if (const auto good = check_adopted_tables(connection, tables_); !good) return tl::make_unexpected(good.error());
    account_sql_ = make_account_sql(connection, tables_);
    connection.finish_statements();  // a question that is left open would make the write that follows fail as busy
  }
  return &*account_sql_;
}

SqliteClaims SqliteStore::claims(SqliteConnection& connection, const SqliteAccountSql& sql) const {
  const auto writers = tables_.adopted() ? SqliteClaims::Writers::others_too : SqliteClaims::Writers::we_alone;
  return {connection, sql, writers, key_of_};
}

Result<std::optional<Account>> SqliteStore::find_account(std::string_view id) {
  return run([&](SqliteConnection& connection, const SqliteAccountSql& sql) -> Result<std::optional<Account>> {
    SQLite::Statement& select = bind_all(connection.prepare(sql.find), id);
    if (!select.executeStep()) return std::optional<Account>{};
    return account_of(select);
  });
}

Result<std::optional<Account>> SqliteStore::find_account_by_token(std::string_view token) {
  return run([&](SqliteConnection& connection, const SqliteAccountSql& sql) -> Result<std::optional<Account>> {
    SQLite::Statement& select = connection.prepare(sql.find_by_token);
    if (tables_.tokens.empty()) {
      bind_all(select, hash_of_token(token));
    } else {
      bind_all(select, token);
    }
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
  return run([&](SqliteConnection& connection, const SqliteAccountSql& sql) -> Result<LinkVersion> {
    SqliteWrite write{connection};
    SQLite::Statement& account = bind_all(connection.prepare(sql.find), request.account_id);
    if (!account.executeStep()) return fail(ErrorCode::user_not_found, "no account " + request.account_id);
    const std::string current_email = account_of(account).email;

    LinkState state = read_link_state(connection, request.account_id);
    if (state.pending_email != request.new_email) {
      if (request.latest_only == LatestOnly::yes) supersede_pending(connection, request.account_id, request.now);
      state.version = state.version == 0 ? first_link_version(request.now) : state.version + 1;
      insert_change(connection, request, state.version, current_email);
    }
    if (request.mail) insert_mail(connection, claims(connection, sql), request, state.version, current_email);
    write.commit();
    return state.version;
  });
}

Result<ApplyResult> SqliteStore::apply(const ChangeToApply& change) {
  return run([&](SqliteConnection& connection, const SqliteAccountSql& sql) -> Result<ApplyResult> {
    SqliteWrite write{connection};  // every early return rolls back
    const EmailWrite written = write_email(connection, sql, change);
    if (written == EmailWrite::not_current) return ApplyResult::stale;
    if (change.remember && !remember_link(connection, *change.remember, change.now)) return ApplyResult::link_used;
    if (change.link_version && !settle_version(connection, change)) return ApplyResult::stale;
    if (written == EmailWrite::taken ||
        !claims(connection, sql).claim(change.account_id, change.email_key, change.new_email)) {
      return ApplyResult::email_taken;
    }

    supersede_pending(connection, change.account_id, change.now);
    bind_all(connection.prepare("UPDATE waxseal_link_state SET link_version = link_version + 1 WHERE account_id = ?1"),
             change.account_id)
        .exec();
    write.commit();
    return ApplyResult::applied;
  });
}

Result<void> SqliteStore::check_ready() { return check_sqlite_schema(database_, tables_); }

Error SqliteStore::adopted_refusal() const {
  return {ErrorCode::internal, "accounts and tokens are kept in " + tables_.accounts +
                                   " (users.table): add them with the program that owns it"};
}

Result<void> SqliteStore::add_account(const NewAccount& account) {
  if (tables_.adopted()) return tl::make_unexpected(adopted_refusal());
  return run([&](SqliteConnection& connection, const SqliteAccountSql& sql) -> Result<void> {
    SqliteWrite write{connection};
    const bool added = bind_all(connection.prepare(R"(
      INSERT OR IGNORE INTO waxseal_account (id, email, active) VALUES (?1, ?2, ?3))"),
                                account.id, account.email, account.active)
                           .exec() == 1;
    if (!added) return fail(ErrorCode::invalid_fields, "an account has the id " + account.id);
    if (!claims(connection, sql).claim(account.id, account.email_key, account.email)) {
      return fail(ErrorCode::email_already_registered, "an account has the address " + account.email);
    }
    if (account.token && !claim_token(connection, account.id, *account.token, account.now))
      return another_accounts_token();
    write.commit();
    return {};
  });
}

Result<void> SqliteStore::add_token(std::string_view account_id, const TokenHash& token, UnixTime now) {
  if (tables_.adopted()) return tl::make_unexpected(adopted_refusal());
  return run([&](SqliteConnection& connection, const SqliteAccountSql& sql) -> Result<void> {
    SqliteWrite write{connection};
    if (!bind_all(connection.prepare(sql.find), account_id).executeStep()) {
      return fail(ErrorCode::user_not_found, "no account " + std::string{account_id});
    }
    if (!claim_token(connection, account_id, token, now)) return another_accounts_token();
    write.commit();
    return {};
  });
}

Result<void> SqliteStore::reconcile_claims(const std::string& basis, const UniquenessKeyOf& key_of) {
  key_of_ = key_of;
  return run([&](SqliteConnection& connection, const SqliteAccountSql& sql) -> Result<void> {
    SqliteWrite write{connection};
    SQLite::Statement& recorded = connection.prepare("SELECT basis FROM waxseal_claim_basis");
    const bool same_basis = recorded.executeStep() && recorded.getColumn(0).getString() == basis;
    if (same_basis && !tables_.adopted()) return {};
    if (const auto rebuilt = claims(connection, sql).rebuild(); !rebuilt) return rebuilt;
    bind_all(connection.prepare("UPDATE waxseal_claim_basis SET basis = ?1"), basis).exec();
    write.commit();
    return {};
  });
}

}  // namespace waxseal::server
