#include "adapters/sqlite/sqlite_store.hpp"

#include <sqlite3.h>

#include "adapters/sqlite/bind.hpp"
#include "adapters/sqlite/sqlite_adopted_schema.hpp"
#include "adapters/sqlite/sqlite_changes.hpp"
#include "adapters/sqlite/sqlite_events.hpp"
#include "adapters/sqlite/sqlite_limits.hpp"
#include "adapters/sqlite/sqlite_migrations.hpp"

namespace waxseal::server {
namespace {

Account account_of(SQLite::Statement& row) {
  return {row.getColumn(0).getString(), row.getColumn(1).getString(), row.getColumn(2).getInt() != 0,
          row.getColumn(3).getString()};
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

/// What must still be so when an address is written.
struct AsRead {
  const std::string& id;
  const std::string& email;
  std::optional<std::string> credential = {};
  RequireActive require_active = RequireActive::no;
};

/// Writes the address if the account is as it was read. An adopted table may keep addresses unique by itself.
EmailWrite write_email(SqliteConnection& connection, const SqliteAccountSql& sql, const AsRead& account,
                       const std::string& email) {
  try {
    const int rows = bind_all(connection.prepare(sql.set_email), account.id, account.email, email,
                              account.require_active == RequireActive::yes, account.credential)
                         .exec();
    return rows == 1 ? EmailWrite::done : EmailWrite::not_current;
  } catch (const SQLite::Exception& error) {
    const int code = error.getExtendedErrorCode();
    if (code != SQLITE_CONSTRAINT_UNIQUE && code != SQLITE_CONSTRAINT_PRIMARYKEY) throw;
    return EmailWrite::taken;
  }
}

/// The account in the transaction that is under way.
std::optional<Account> read_account(SqliteConnection& connection, const SqliteAccountSql& sql, std::string_view id) {
  SQLite::Statement& select = bind_all(connection.prepare(sql.find), id);
  return select.executeStep() ? std::optional{account_of(select)} : std::nullopt;
}

/// Closes the record that the link names; false if it, or the version in force, is not as the change expects.
bool settle_version(SqliteChanges& changes, const ChangeToApply& change) {
  const bool in_force = change.latest_only == LatestOnly::no || changes.state().version == change.link_version;
  return in_force && changes.close_applied(*change.link_version, change.current_email, change.new_email);
}

/// Tells the address that is to be given up, if there is one.
void queue_notice(SqliteChanges& changes, const std::string& old_email, const std::string& new_email,
                  LinkVersion version, const NoticeOrder& order) {
  if (old_email.empty() || old_email == new_email) return;
  changes.queue_mail(MailKind::change_notice, old_email, version, order);
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
    return read_account(connection, sql, id);
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
  return database_.run([&](SqliteConnection& connection) -> Result<LinkState> {
    return SqliteChanges{connection, account_id, UnixTime{}}.state();
  });
}

Result<std::optional<ChangeRecord>> SqliteStore::find_change(std::string_view account_id, LinkVersion version) {
  return database_.run([&](SqliteConnection& connection) -> Result<std::optional<ChangeRecord>> {
    return SqliteChanges{connection, account_id, UnixTime{}}.find(version);
  });
}

Result<bool> SqliteStore::is_link_remembered(const ByteArray<32>& fingerprint) {
  return database_.run([&](SqliteConnection& connection) -> Result<bool> {
    return bind_all(connection.prepare("SELECT 1 FROM waxseal_used_link WHERE fingerprint = ?1"), fingerprint)
        .executeStep();
  });
}

tl::expected<LinkVersion, RequestRefusal> SqliteStore::request_change(const ChangeRequest& request) {
  using Answer = tl::expected<LinkVersion, RequestRefusal>;
  return run([&](SqliteConnection& connection, const SqliteAccountSql& sql) -> Answer {
    SqliteWrite write{connection};
    const std::optional<Account> account = read_account(connection, sql, request.account_id);
    if (!account) return fail(ErrorCode::user_not_found, "no account " + request.account_id);
    if (const auto reached = charge_limits(connection, request.limits, request.now)) {
      return tl::make_unexpected(RequestRefusal{*reached});
    }

    SqliteChanges changes{connection, request.account_id, request.now};
    LinkVersion version = changes.state().version;
    if (!changes.is_pending(version, account->email, request.new_email)) {
      if (request.latest_only == LatestOnly::yes) changes.supersede_pending();
      version = changes.open(account->email, request.new_email);
    }
    if (request.notice) queue_notice(changes, account->email, request.new_email, version, *request.notice);
    if (request.mail) {
      const bool taken = request.email_key &&
                         (request.new_email == account->email ||
                          claims(connection, sql).held_by_another(account->id, *request.email_key, request.new_email));
      changes.queue_mail(taken ? request.mail->if_taken : request.mail->if_free, request.new_email, version,
                         {request.mail->language, request.mail->message_token});
    }
    write.commit();
    return version;
  });
}

tl::expected<void, RequestRefusal> SqliteStore::charge(const std::vector<LimitCharge>& limits, UnixTime now) {
  return database_.run([&](SqliteConnection& connection) -> tl::expected<void, RequestRefusal> {
    SqliteWrite write{connection};
    if (const auto reached = charge_limits(connection, limits, now)) {
      return tl::make_unexpected(RequestRefusal{*reached});
    }
    write.commit();
    return {};
  });
}

Result<ApplyResult> SqliteStore::apply(const ChangeToApply& change) {
  return run([&](SqliteConnection& connection, const SqliteAccountSql& sql) -> Result<ApplyResult> {
    SqliteWrite write{connection};  // every early return rolls back
    const EmailWrite written = write_email(
        connection, sql, {change.account_id, change.current_email, change.credential, change.require_active},
        change.new_email);
    if (written == EmailWrite::not_current) return ApplyResult::stale;

    SqliteChanges changes{connection, change.account_id, change.now};
    if (change.signed_at) {
      if (const auto voided = changes.voided_since(*change.signed_at, change.new_email)) return *voided;
    }
    if (change.remember && !remember_link(connection, *change.remember, change.now)) return ApplyResult::link_used;
    if (change.link_version && !settle_version(changes, change)) return ApplyResult::stale;
    if (written == EmailWrite::taken ||
        !claims(connection, sql).claim(change.account_id, change.email_key, change.new_email)) {
      return ApplyResult::email_taken;
    }

    const LinkVersion version =
        change.link_version ? *change.link_version : changes.record_applied(change.current_email, change.new_email);
    changes.supersede_pending();
    if (change.link_version) changes.raise_version();
    if (change.notice) queue_notice(changes, change.current_email, change.new_email, version, *change.notice);
    if (change.event) queue_event(connection, change_told_by(change), change.event->message_token);
    write.commit();
    return ApplyResult::applied;
  });
}

Result<UndoAnswer> SqliteStore::undo(const ChangeToUndo& change) {
  return run([&](SqliteConnection& connection, const SqliteAccountSql& sql) -> Result<UndoAnswer> {
    SqliteWrite write{connection};  // every early return rolls back
    const std::optional<Account> account = read_account(connection, sql, change.account_id);
    const bool must_be_active = change.require_active == RequireActive::yes;
    if (!account || (must_be_active && !account->active)) return UndoAnswer{UndoResult::no_account};

    const UnixTime now = change.now();
    SqliteChanges changes{connection, change.account_id, now};
    const std::optional<ChangeRecord> pressed = changes.find(change.version);
    if (!pressed || pressed->old_email != change.old_email) return UndoAnswer{UndoResult::no_record};
    if (pressed->outcome == ChangeOutcome::undone) return UndoAnswer{UndoResult::undone_before};
    if (pressed->outcome == ChangeOutcome::cancelled) return UndoAnswer{UndoResult::cancelled_before};

    UndoAnswer answer{UndoResult::undone};
    const bool was_applied = changes.withdraw(*pressed);
    if (was_applied && account->email != change.old_email) {
      if (write_email(connection, sql, {account->id, account->email}, change.old_email) != EmailWrite::done ||
          !claims(connection, sql).claim(account->id, change.email_key, change.old_email)) {
        return UndoAnswer{UndoResult::email_taken};
      }
      changes.queue_mail(MailKind::change_undone, change.old_email, change.version, change.to_restored);
      if (!account->email.empty()) {
        changes.queue_mail(MailKind::change_undone, account->email, change.version, change.to_displaced);
      }
      answer.displaced_email = account->email;
      if (change.event)
        queue_event(connection, change_told_by(change, account->email, now), change.event->message_token);
    }
    changes.raise_version();
    write.commit();
    return answer;
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
