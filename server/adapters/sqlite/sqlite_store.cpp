#include "adapters/sqlite/sqlite_store.hpp"

#include <sqlite3.h>

#include "adapters/sqlite/bind.hpp"
#include "adapters/sqlite/sqlite_adopted_schema.hpp"
#include "adapters/sqlite/sqlite_audit.hpp"
#include "adapters/sqlite/sqlite_changes.hpp"
#include "adapters/sqlite/sqlite_events.hpp"
#include "adapters/sqlite/sqlite_limits.hpp"
#include "adapters/sqlite/sqlite_migrations.hpp"
#include "ports/change_steps.hpp"

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

/// The account in the transaction that is under way.
std::optional<Account> read_account(SqliteConnection& connection, const SqliteAccountSql& sql, std::string_view id) {
  SQLite::Statement& select = bind_all(connection.prepare(sql.find), id);
  return select.executeStep() ? std::optional{account_of(select)} : std::nullopt;
}

/// One account's part of a write transaction.
class SqliteTransaction final : public AccountTransaction {
 public:
  /// @param account_id  Outlives the object.
  SqliteTransaction(SqliteConnection& connection, const SqliteAccountSql& sql, SqliteClaims claims,
                    const std::string& account_id)
      : connection_(connection), sql_(sql), claims_(claims), account_id_(account_id) {}

  std::optional<Account> lock_account() override { return read_account(connection_, sql_, account_id_); }
  ChangeRecords& changes() override { return changes_; }
  std::optional<LimitReached> charge(const std::vector<LimitCharge>& limits, UnixTime now) override {
    return charge_limits(connection_, limits, now);
  }
  EmailWrite write_email(const AsRead& account, const std::string& email) override;
  bool held_by_another(const std::string& email_key, std::string_view email) override {
    return claims_.held_by_another(account_id_, email_key, email);
  }
  bool claim(const std::optional<std::string>& email_key, std::string_view email) override {
    return claims_.claim(account_id_, email_key, email);
  }
  bool remember(const ChangeToApply::RememberedLink& link, UnixTime now) override;
  void queue_event(const EmailChange& change, const std::string& token) override {
    server::queue_event(connection_, change, token);
  }
  void record_audit(const AuditEntry& entry) override { server::record_audit(connection_, entry); }

 private:
  SqliteConnection& connection_;
  const SqliteAccountSql& sql_;
  SqliteClaims claims_;
  const std::string& account_id_;
  SqliteChanges changes_{connection_, account_id_};
};

EmailWrite SqliteTransaction::write_email(const AsRead& account, const std::string& email) {
  try {
    const int rows = bind_all(connection_.prepare(sql_.set_email), account_id_, account.email, email,
                              account.require_active == RequireActive::yes, account.credential)
                         .exec();
    return rows == 1 ? EmailWrite::done : EmailWrite::not_current;
  } catch (const SQLite::Exception& error) {
    const int code = error.getExtendedErrorCode();
    if (code != SQLITE_CONSTRAINT_UNIQUE && code != SQLITE_CONSTRAINT_PRIMARYKEY) throw;
    return EmailWrite::taken;
  }
}

bool SqliteTransaction::remember(const ChangeToApply::RememberedLink& link, UnixTime now) {
  bind_all(connection_.prepare("DELETE FROM waxseal_used_link WHERE forget_after < ?1"), now).exec();
  return bind_all(
             connection_.prepare("INSERT OR IGNORE INTO waxseal_used_link (fingerprint, forget_after) VALUES (?1, ?2)"),
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

template <typename Work>
auto SqliteStore::write(Work&& work) {
  using Answer = decltype(work(std::declval<SqliteConnection&>(), std::declval<const SqliteAccountSql&>(),
                               std::declval<SqliteOwnPart&>()));
  return database_.write([&](SqliteConnection& connection, SqliteOwnPart& own) -> Answer {
    const auto sql = account_sql(connection);
    if (!sql) return tl::make_unexpected(sql.error());
    return work(connection, **sql, own);
  });
}

template <typename Answer, typename Steps>
Answer SqliteStore::write_in(const std::string& account_id, Steps&& steps) {
  return write([&](SqliteConnection& connection, const SqliteAccountSql& sql, SqliteOwnPart& own) -> Answer {
    SqliteTransaction transaction{connection, sql, claims(connection, sql), account_id};
    auto answer = steps(transaction);
    if (is_to_commit(answer)) own.keep();
    return answer;
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
  const auto writers = tables_.adopted() ? AccountWriters::others_too : AccountWriters::we_alone;
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
    return SqliteChanges{connection, account_id}.state();
  });
}

Result<std::optional<ChangeRecord>> SqliteStore::find_change(std::string_view account_id, LinkVersion version) {
  return database_.run([&](SqliteConnection& connection) -> Result<std::optional<ChangeRecord>> {
    return SqliteChanges{connection, account_id}.find(version);
  });
}

Result<bool> SqliteStore::is_link_remembered(const ByteArray<32>& fingerprint) {
  return database_.run([&](SqliteConnection& connection) -> Result<bool> {
    return bind_all(connection.prepare("SELECT 1 FROM waxseal_used_link WHERE fingerprint = ?1"), fingerprint)
        .executeStep();
  });
}

RequestAnswer SqliteStore::request_change(const ChangeRequest& request) {
  return write_in<RequestAnswer>(
      request.account_id, [&](AccountTransaction& transaction) { return request_change_in(transaction, request); });
}

tl::expected<void, RequestRefusal> SqliteStore::charge(const std::vector<LimitCharge>& limits, UnixTime now) {
  return database_.write([&](SqliteConnection& connection, SqliteOwnPart& own) -> tl::expected<void, RequestRefusal> {
    if (const auto reached = charge_limits(connection, limits, now)) {
      return tl::make_unexpected(RequestRefusal{*reached});
    }
    own.keep();
    return {};
  });
}

Result<ApplyResult> SqliteStore::apply(const ChangeToApply& change) {
  return write_in<Result<ApplyResult>>(change.account_id,
                                       [&](AccountTransaction& transaction) { return apply_in(transaction, change); });
}

Result<UndoAnswer> SqliteStore::undo(const ChangeToUndo& change) {
  return write_in<Result<UndoAnswer>>(change.account_id,
                                      [&](AccountTransaction& transaction) { return undo_in(transaction, change); });
}

Result<void> SqliteStore::check_ready() { return check_sqlite_schema(database_, tables_); }

Result<void> SqliteStore::add_account(const NewAccount& account) {
  if (tables_.adopted()) return tl::make_unexpected(adopted_refusal(tables_));
  return write([&](SqliteConnection& connection, const SqliteAccountSql& sql, SqliteOwnPart& own) -> Result<void> {
    const bool added = bind_all(connection.prepare(R"(
      INSERT OR IGNORE INTO waxseal_account (id, email, active) VALUES (?1, ?2, ?3))"),
                                account.id, account.email, account.active)
                           .exec() == 1;
    if (!added) return fail(ErrorCode::invalid_fields, "an account has the id " + account.id);
    if (!claims(connection, sql).claim(account.id, account.email_key, account.email)) {
      return fail(ErrorCode::email_already_registered, "an account has the address " + account.email);
    }
    if (account.token && !claim_token(connection, account.id, *account.token, account.now))
      return tl::make_unexpected(another_accounts_token());
    own.keep();
    return {};
  });
}

Result<void> SqliteStore::add_token(std::string_view account_id, const TokenHash& token, UnixTime now) {
  if (tables_.adopted()) return tl::make_unexpected(adopted_refusal(tables_));
  return write([&](SqliteConnection& connection, const SqliteAccountSql& sql, SqliteOwnPart& own) -> Result<void> {
    if (!bind_all(connection.prepare(sql.find), account_id).executeStep()) {
      return fail(ErrorCode::user_not_found, "no account " + std::string{account_id});
    }
    if (!claim_token(connection, account_id, token, now)) return tl::make_unexpected(another_accounts_token());
    own.keep();
    return {};
  });
}

Result<void> SqliteStore::reconcile_claims(const std::string& basis, const UniquenessKeyOf& key_of) {
  key_of_ = key_of;
  return write([&](SqliteConnection& connection, const SqliteAccountSql& sql, SqliteOwnPart& own) -> Result<void> {
    SQLite::Statement& recorded = connection.prepare("SELECT basis FROM waxseal_claim_basis");
    const bool same_basis = recorded.executeStep() && recorded.getColumn(0).getString() == basis;
    if (same_basis && !tables_.adopted()) return {};
    if (const auto rebuilt = claims(connection, sql).rebuild(); !rebuilt) return rebuilt;
    bind_all(connection.prepare("UPDATE waxseal_claim_basis SET basis = ?1"), basis).exec();
    own.keep();
    return {};
  });
}

}  // namespace waxseal::server
