#pragma once
/// @file sqlite_store.hpp
/// Accounts and outbox in one SQLite file, behind the ports of the flows.

#include <functional>
#include <string>

#include "adapters/sqlite/sqlite_database.hpp"
#include "ports/account_admin.hpp"
#include "ports/account_store.hpp"
#include "ports/outbox.hpp"

namespace waxseal::server {

class SqliteStore final : public AccountStore, public AccountAdmin {
 public:
  explicit SqliteStore(SqliteDatabase& database) : database_(database) {}

  Result<std::optional<Account>> find_account(std::string_view id) override;
  Result<std::optional<Account>> find_account_by_token(std::string_view token) override;
  Result<LinkState> link_state(std::string_view account_id) override;
  Result<std::optional<ChangeRecord>> find_change(std::string_view account_id, LinkVersion version) override;
  Result<bool> is_link_remembered(const ByteArray<32>& fingerprint) override;
  Result<LinkVersion> request_change(const ChangeRequest& request) override;
  Result<ApplyResult> apply(const ChangeToApply& change) override;
  Result<void> check_ready() override;

  Result<void> add_account(const NewAccount& account) override;
  Result<void> add_token(std::string_view account_id, const TokenHash& token, UnixTime now) override;

  /// Makes the uniqueness claims anew if they were made on another basis ('none', 'exact' or 'canonical').
  /// @param key_of  The uniqueness key of an address, or nothing.
  /// Fails with:  ErrorCode::email_already_registered  two accounts hold one address; log_detail names their ids
  Result<void> reconcile_claims(const std::string& basis,
                                const std::function<std::optional<std::string>(std::string_view)>& key_of);

 private:
  SqliteDatabase& database_;
};

class SqliteOutbox final : public Outbox {
 public:
  explicit SqliteOutbox(SqliteDatabase& database) : database_(database) {}

  Result<std::optional<OutboxEntry>> claim_next(UnixTime now, std::chrono::seconds lease) override;
  Result<void> mark_sent(std::int64_t id, UnixTime now) override;
  Result<void> mark_dropped(std::int64_t id, UnixTime now, std::string_view reason) override;
  Result<void> retry_at(std::int64_t id, UnixTime not_before, std::string_view reason) override;
  Result<void> mark_dead(std::int64_t id, UnixTime now, std::string_view reason) override;

 private:
  Result<void> settle(std::int64_t id, UnixTime now, const char* state, std::string_view reason);

  SqliteDatabase& database_;
};

}  // namespace waxseal::server
