#include "adapters/postgres/postgres_store.hpp"

#include "adapters/postgres/postgres_adopted_schema.hpp"
#include "adapters/postgres/postgres_audit.hpp"
#include "adapters/postgres/postgres_changes.hpp"
#include "adapters/postgres/postgres_events.hpp"
#include "adapters/postgres/postgres_limits.hpp"
#include "adapters/postgres/postgres_migrations.hpp"
#include "ports/change_steps.hpp"

namespace waxseal::server {
namespace {

Account account_of(const pqxx::row& row) { return {row[0].c_str(), row[1].c_str(), row[2].as<bool>(), row[3].c_str()}; }

/// The account that the question finds, if its value can be in the database at all.
std::optional<Account> find_one(PostgresTransaction& transaction, const std::string& question, std::string_view value) {
  if (!is_storable(value)) return std::nullopt;
  const pqxx::result found = transaction.run(question, value);
  return found.empty() ? std::nullopt : std::optional{account_of(found[0])};
}

/// False if the token is another account's.
bool claim_token(PostgresTransaction& transaction, std::string_view account_id, const TokenHash& token, UnixTime now) {
  transaction.write(R"(
    INSERT INTO waxseal_token (token_hash, account_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING)",
                    token, account_id, now);
  return transaction.is_any("SELECT 1 FROM waxseal_token WHERE token_hash = $1 AND account_id = $2", token, account_id);
}

/// One account's part of a write transaction.
class PostgresAccountTransaction final : public AccountTransaction {
 public:
  /// @param account_id  Outlives the object.
  PostgresAccountTransaction(PostgresTransaction& transaction, const PostgresAccountSql& sql, PostgresClaims claims,
                             const std::string& account_id)
      : transaction_(transaction), sql_(sql), claims_(claims), account_id_(account_id) {}

  std::optional<Account> lock_account() override { return find_one(transaction_, sql_.lock, account_id_); }
  ChangeRecords& changes() override { return changes_; }
  std::optional<LimitReached> charge(const std::vector<LimitCharge>& limits, UnixTime now) override {
    return charge_limits(transaction_, limits, now);
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
    server::queue_event(transaction_, change, token);
  }
  void record_audit(const AuditEntry& entry) override { server::record_audit(transaction_, entry); }

 private:
  PostgresTransaction& transaction_;
  const PostgresAccountSql& sql_;
  PostgresClaims claims_;
  const std::string& account_id_;
  PostgresChanges changes_{transaction_, account_id_};
};

EmailWrite PostgresAccountTransaction::write_email(const AsRead& account, const std::string& email) {
  if (!is_storable(account_id_)) return EmailWrite::not_current;
  const auto update = [&] {
    return transaction_.write(sql_.set_email, account_id_, account.email, email,
                              account.require_active == RequireActive::yes, account.credential) == 1
               ? EmailWrite::done
               : EmailWrite::not_current;
  };
  if (!sql_.keeps_emails_unique) return update();
  transaction_.script("SAVEPOINT email");  // a statement that fails takes the whole transaction with it otherwise
  try {
    const EmailWrite written = update();
    transaction_.script("RELEASE email");
    return written;
  } catch (const pqxx::unique_violation&) {
    transaction_.script("ROLLBACK TO email");
    return EmailWrite::taken;
  }
}

bool PostgresAccountTransaction::remember(const ChangeToApply::RememberedLink& link, UnixTime now) {
  transaction_.write(R"(
    DELETE FROM waxseal_used_link WHERE fingerprint IN (
      SELECT fingerprint FROM waxseal_used_link WHERE forget_after < $1 ORDER BY forget_after LIMIT 100
         FOR UPDATE SKIP LOCKED))",
                     now);
  return transaction_.write(
             "INSERT INTO waxseal_used_link (fingerprint, forget_after) VALUES ($1, $2) ON CONFLICT DO NOTHING",
             link.fingerprint, link.forget_after) == 1;
}

}  // namespace

template <typename Work>
auto PostgresStore::read(Work&& work) {
  using Answer = decltype(work(std::declval<PostgresTransaction&>(), std::declval<const PostgresAccountSql&>()));
  return database_.read([&](PostgresTransaction& transaction) -> Answer {
    const auto sql = account_sql(transaction);
    if (!sql) return tl::make_unexpected(sql.error());
    return work(transaction, **sql);
  });
}

template <typename Work>
auto PostgresStore::write(InDoubt in_doubt, Work&& work, Patience patience) {
  using Answer = decltype(work(std::declval<PostgresTransaction&>(), std::declval<const PostgresAccountSql&>()));
  return database_.write(
      in_doubt,
      [&](PostgresTransaction& transaction) -> Answer {
        const auto sql = account_sql(transaction);
        if (!sql) return tl::make_unexpected(sql.error());
        return work(transaction, **sql);
      },
      patience);
}

template <typename Answer, typename Steps>
Answer PostgresStore::write_in(InDoubt in_doubt, const std::string& account_id, Steps&& steps) {
  return write(in_doubt, [&](PostgresTransaction& transaction, const PostgresAccountSql& sql) -> Answer {
    PostgresAccountTransaction account{transaction, sql, claims(transaction, sql), account_id};
    auto answer = steps(account);
    if (is_to_commit(answer)) transaction.keep();
    return answer;
  });
}

Result<const PostgresAccountSql*> PostgresStore::account_sql(PostgresTransaction& transaction) {
  const std::lock_guard lock{mutex_};
  if (!account_sql_) {
    if (const auto good = check_adopted_tables(transaction, tables_); !good) return tl::make_unexpected(good.error());
    account_sql_ = make_account_sql(transaction, tables_);
  }
  return &*account_sql_;
}

PostgresClaims PostgresStore::claims(PostgresTransaction& transaction, const PostgresAccountSql& sql) const {
  const auto writers = tables_.adopted() ? AccountWriters::others_too : AccountWriters::we_alone;
  return {transaction, sql, writers, key_of_};
}

Result<std::optional<Account>> PostgresStore::find_account(std::string_view id) {
  return read([&](PostgresTransaction& transaction, const PostgresAccountSql& sql) -> Result<std::optional<Account>> {
    return find_one(transaction, sql.find, id);
  });
}

Result<std::optional<Account>> PostgresStore::find_account_by_token(std::string_view token) {
  return read([&](PostgresTransaction& transaction, const PostgresAccountSql& sql) -> Result<std::optional<Account>> {
    if (!tables_.tokens.empty()) return find_one(transaction, sql.find_by_token, token);
    return find_one(transaction, sql.find_by_token, *value_of(hash_of_token(token)).text);
  });
}

Result<LinkState> PostgresStore::link_state(std::string_view account_id) {
  return database_.read([&](PostgresTransaction& transaction) -> Result<LinkState> {
    return PostgresChanges{transaction, account_id}.state();
  });
}

Result<std::optional<ChangeRecord>> PostgresStore::find_change(std::string_view account_id, LinkVersion version) {
  return database_.read([&](PostgresTransaction& transaction) -> Result<std::optional<ChangeRecord>> {
    return PostgresChanges{transaction, account_id}.find(version);
  });
}

Result<bool> PostgresStore::is_link_remembered(const ByteArray<32>& fingerprint) {
  return database_.read([&](PostgresTransaction& transaction) -> Result<bool> {
    return transaction.is_any("SELECT 1 FROM waxseal_used_link WHERE fingerprint = $1", fingerprint);
  });
}

RequestAnswer PostgresStore::request_change(const ChangeRequest& request) {
  // Not repeated in doubt: it would be charged twice.
  return write_in<RequestAnswer>(InDoubt::fail, request.account_id,
                                 [&](AccountTransaction& account) { return request_change_in(account, request); });
}

tl::expected<void, RequestRefusal> PostgresStore::charge(const std::vector<LimitCharge>& limits, UnixTime now) {
  const auto work = [&](PostgresTransaction& transaction) -> tl::expected<void, RequestRefusal> {
    if (const auto reached = charge_limits(transaction, limits, now)) {
      return tl::make_unexpected(RequestRefusal{*reached});
    }
    transaction.keep();
    return {};
  };
  return database_.write(InDoubt::fail, work);
}

Result<ApplyResult> PostgresStore::apply(const ChangeToApply& change) {
  // Repeated in doubt: the address as read and the version, or the remembered link, stop a second application. The caller is
  // told that something changed, reads again, and sees the change made.
  return write_in<Result<ApplyResult>>(InDoubt::repeat, change.account_id,
                                       [&](AccountTransaction& account) { return apply_in(account, change); });
}

Result<UndoAnswer> PostgresStore::undo(const ChangeToUndo& change) {
  // Not repeated in doubt: the second one is refused as undone before, and whoever pressed is to know that it was theirs.
  return write_in<Result<UndoAnswer>>(InDoubt::fail, change.account_id,
                                      [&](AccountTransaction& account) { return undo_in(account, change); });
}

Result<void> PostgresStore::check_ready() { return check_postgres_schema(database_, tables_); }

Result<void> PostgresStore::add_account(const NewAccount& account) {
  if (tables_.adopted()) return tl::make_unexpected(adopted_refusal(tables_));
  const auto work = [&](PostgresTransaction& transaction, const PostgresAccountSql& sql) -> Result<void> {
    const bool added = transaction.write(R"(
      INSERT INTO waxseal_account (id, email, active) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING)",
                                         account.id, account.email, account.active) == 1;
    if (!added) return fail(ErrorCode::invalid_fields, "an account has the id " + account.id);
    if (!claims(transaction, sql).claim(account.id, account.email_key, account.email)) {
      return fail(ErrorCode::email_already_registered, "an account has the address " + account.email);
    }
    if (account.token && !claim_token(transaction, account.id, *account.token, account.now))
      return tl::make_unexpected(another_accounts_token());
    transaction.keep();
    return {};
  };
  return write(InDoubt::fail, work);
}

Result<void> PostgresStore::add_token(std::string_view account_id, const TokenHash& token, UnixTime now) {
  if (tables_.adopted()) return tl::make_unexpected(adopted_refusal(tables_));
  return write(InDoubt::repeat, [&](PostgresTransaction& transaction, const PostgresAccountSql& sql) -> Result<void> {
    if (!find_one(transaction, sql.lock, account_id)) {
      return fail(ErrorCode::user_not_found, "no account " + std::string{account_id});
    }
    if (!claim_token(transaction, account_id, token, now)) return tl::make_unexpected(another_accounts_token());
    transaction.keep();
    return {};
  });
}

/// Read in one snapshot, without a lock: a node that starts beside others must not stop them.
Result<bool> PostgresStore::are_claims_in_order(const std::string& basis) {
  const auto work = [&](PostgresTransaction& transaction, const PostgresAccountSql& sql) -> Result<bool> {
    const pqxx::result recorded = transaction.run("SELECT basis FROM waxseal_claim_basis");
    if (recorded.empty() || recorded[0][0].c_str() != basis) return false;
    return !tables_.adopted() || claims(transaction, sql).are_in_order();
  };
  return write(InDoubt::repeat, work, Patience::of_an_operator);
}

Result<void> PostgresStore::reconcile_claims(const std::string& basis, const UniquenessKeyOf& key_of) {
  key_of_ = key_of;
  const auto in_order = are_claims_in_order(basis);
  if (!in_order) return tl::make_unexpected(in_order.error());
  if (*in_order) return {};
  const auto rebuild = [&](PostgresTransaction& transaction, const PostgresAccountSql& sql) -> Result<void> {
    if (const auto rebuilt = claims(transaction, sql).rebuild(); !rebuilt) return rebuilt;
    transaction.write("UPDATE waxseal_claim_basis SET basis = $1", basis);
    transaction.keep();
    return {};
  };
  return write(InDoubt::repeat, rebuild, Patience::of_an_operator);
}

}  // namespace waxseal::server
