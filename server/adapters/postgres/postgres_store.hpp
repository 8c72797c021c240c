#pragma once
/// @file postgres_store.hpp
/// Accounts and outbox in one PostgreSQL database, behind the ports of the flows.

#include <mutex>
#include <optional>
#include <string>

#include "adapters/postgres/postgres_account_sql.hpp"
#include "adapters/postgres/postgres_claims.hpp"
#include "adapters/postgres/postgres_database.hpp"
#include "ports/account_admin.hpp"
#include "ports/account_store.hpp"
#include "ports/account_tables.hpp"
#include "ports/outbox.hpp"

namespace waxseal::server {

/// Of an adopted table of accounts nothing but the address is ever written, and no row is ever added.
class PostgresStore final : public AccountStore, public AccountAdmin {
 public:
  explicit PostgresStore(PostgresDatabase& database, AccountTables tables = {})
      : database_(database), tables_(std::move(tables)) {}

  Result<std::optional<Account>> find_account(std::string_view id) override;
  Result<std::optional<Account>> find_account_by_token(std::string_view token) override;
  Result<LinkState> link_state(std::string_view account_id) override;
  Result<std::optional<ChangeRecord>> find_change(std::string_view account_id, LinkVersion version) override;
  Result<bool> is_link_remembered(const ByteArray<32>& fingerprint) override;
  tl::expected<LinkVersion, RequestRefusal> request_change(const ChangeRequest& request) override;
  tl::expected<void, RequestRefusal> charge(const std::vector<LimitCharge>& limits, UnixTime now) override;
  Result<ApplyResult> apply(const ChangeToApply& change) override;
  Result<UndoAnswer> undo(const ChangeToUndo& change) override;
  Result<void> check_ready() override;

  Result<void> add_account(const NewAccount& account) override;
  Result<void> add_token(std::string_view account_id, const TokenHash& token, UnixTime now) override;

  /// Makes the uniqueness claims anew if they were made on another basis ('none', 'exact' or 'canonical'), or are not just
  /// those of an adopted table: others wrote it since. Other nodes may run. Call it before the store is shared between threads.
  /// Fails with:  ErrorCode::email_already_registered  two accounts hold one address; log_detail names their ids
  ///              ErrorCode::internal  an adopted account with an address has no id
  Result<void> reconcile_claims(const std::string& basis, const UniquenessKeyOf& key_of);

 private:
  /// Runs `work(transaction, sql)`, which only reads; see PostgresDatabase::read.
  template <typename Work>
  auto read(Work&& work);
  /// Runs `work(transaction, sql)`; see PostgresDatabase::write.
  template <typename Work>
  auto write(InDoubt in_doubt, Work&& work, Patience patience = Patience::of_a_request);
  /// Runs `steps(transaction)` over one account in a write transaction, which is committed if the answer says so.
  template <typename Answer, typename Steps>
  Answer write_in(InDoubt in_doubt, const std::string& account_id, Steps&& steps);
  /// Made at first use: it depends on the types of the adopted columns.
  Result<const PostgresAccountSql*> account_sql(PostgresTransaction& transaction);
  PostgresClaims claims(PostgresTransaction& transaction, const PostgresAccountSql& sql) const;
  Result<bool> are_claims_in_order(const std::string& basis);

  PostgresDatabase& database_;
  AccountTables tables_;
  UniquenessKeyOf key_of_;
  std::mutex mutex_;
  std::optional<PostgresAccountSql> account_sql_;
};

class PostgresOutbox final : public Outbox {
 public:
  explicit PostgresOutbox(PostgresDatabase& database) : database_(database) {}

  Result<std::optional<OutboxEntry>> claim_next(OutboxQueue queue, UnixTime now, std::chrono::seconds lease) override;
  Result<void> mark_sent(std::int64_t id, UnixTime now) override;
  Result<void> mark_dropped(std::int64_t id, UnixTime now, std::string_view reason) override;
  Result<void> retry_at(const OutboxEntry& entry, UnixTime not_before, std::string_view reason) override;
  Result<void> mark_dead(std::int64_t id, UnixTime now, std::string_view reason) override;

 private:
  Result<void> settle(std::int64_t id, UnixTime now, const char* state, std::string_view reason);

  PostgresDatabase& database_;
};

}  // namespace waxseal::server
