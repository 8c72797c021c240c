#pragma once
/// @file memory_store.hpp
/// Accounts and outbox in memory: for tests, for fuzzing, and as the plainest statement of what a store must do.

#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "ports/account_admin.hpp"
#include "ports/account_store.hpp"
#include "ports/audit.hpp"
#include "ports/outbox.hpp"

namespace waxseal::server {

class MemoryStore final : public AccountStore, public AccountAdmin, public AuditTrail, public Outbox {
 public:
  Result<std::optional<Account>> find_account(std::string_view id) override;
  Result<std::optional<Account>> find_account_by_token(std::string_view token) override;
  Result<LinkState> link_state(std::string_view account_id) override;
  Result<std::optional<ChangeRecord>> find_change(std::string_view account_id, LinkVersion version) override;
  Result<bool> is_link_remembered(const ByteArray<32>& fingerprint) override;
  tl::expected<LinkVersion, RequestRefusal> request_change(const ChangeRequest& request) override;
  tl::expected<void, RequestRefusal> charge(const std::vector<LimitCharge>& limits, UnixTime now) override;
  Result<ApplyResult> apply(const ChangeToApply& change) override;
  Result<UndoAnswer> undo(const ChangeToUndo& change) override;
  Result<void> check_ready() override { return {}; }

  Result<void> add_account(const NewAccount& account) override;
  Result<void> add_token(std::string_view account_id, const TokenHash& token, UnixTime now) override;

  Result<std::vector<AuditEntry>> list(const AuditSelection& selection, std::size_t most) override;

  Result<std::optional<OutboxEntry>> claim_next(OutboxQueue queue, UnixTime now, std::chrono::seconds lease) override;
  Result<void> mark_sent(std::int64_t id, UnixTime now) override;
  Result<void> mark_dropped(std::int64_t id, UnixTime now, std::string_view reason) override;
  Result<void> retry_at(const OutboxEntry& entry, UnixTime not_before, std::string_view reason) override;
  Result<void> mark_dead(std::int64_t id, UnixTime now, std::string_view reason) override;

  /// Changes a credential behind the product's back, as a password change would.
  void set_credential(const std::string& account_id, std::string credential);
  /// Changes an address or the active mark behind the product's back.
  void set_email(const std::string& account_id, std::string email);
  void set_active(const std::string& account_id, bool active);

 private:
  struct StoredChange : ChangeRecord {
    UnixTime requested_at{};
    UnixTime settled_at{};
  };
  struct StoredAccount {
    Account account;
    std::optional<std::string> email_key;
    LinkVersion version = 0;
    std::vector<StoredChange> changes;  ///< By version.

    StoredChange* change(LinkVersion of_version);
    /// @return  The new version.
    LinkVersion add_change(const std::string& new_email, ChangeOutcome outcome, UnixTime now);
    void supersede_pending(UnixTime now);
    std::optional<ApplyResult> voided_since(UnixTime since, const std::string& new_email) const;
    StoredChange* newest_pending(const std::string& new_email);
    bool withdraw(const ChangeRecord& pressed, UnixTime now);
  };
  struct StoredEntry {
    OutboxEntry entry;
    UnixTime due;
    bool done = false;
  };
  StoredAccount* stored(std::string_view id);
  bool email_is_held(std::string_view email_key, std::string_view except_account) const;
  void queue(OutboxEntry entry);
  void queue_notice(const StoredAccount& account, const ChangeRecord& change, const NoticeOrder& order, UnixTime now);
  std::optional<LimitReached> charge_locked(const std::vector<LimitCharge>& limits, UnixTime now);
  StoredEntry* queued_entry(std::int64_t id);
  void queue_event(const EmailChange& change, const std::string& token);
  Result<void> finish(std::int64_t id);

  std::mutex mutex_;
  std::map<std::string, StoredAccount, std::less<>> accounts_;
  std::map<TokenHash, std::string> tokens_;
  std::set<ByteArray<32>> remembered_;
  std::map<ByteArray<32>, LimitLevel> limits_;
  std::vector<StoredEntry> outbox_;
  std::vector<AuditEntry> audit_;
};

}  // namespace waxseal::server
