#pragma once
/// @file postgres_changes.hpp
/// The change records of an account, and the mails that go with them. Private to this adapter.

#include <optional>
#include <string>
#include <string_view>

#include "adapters/postgres/postgres_database.hpp"
#include "ports/account_transaction.hpp"

namespace waxseal::server {

/// One account's records as one transaction sees them; lives no longer than it. What writes needs the account locked.
class PostgresChanges final : public ChangeRecords {
 public:
  /// @param account_id  Outlives the object.
  PostgresChanges(PostgresTransaction& transaction, std::string_view account_id)
      : transaction_(transaction), account_id_(account_id) {}

  LinkState state() override;
  std::optional<ChangeRecord> find(LinkVersion version) override;
  void insert(const ChangeRecord& record, UnixTime now) override;
  std::optional<LinkVersion> newest_pending(const std::string& old_email, const std::string& new_email) override;
  void note_asked_again(LinkVersion version, UnixTime now) override;
  bool close_applied(LinkVersion version, const std::string& old_email, const std::string& new_email,
                     UnixTime now) override;
  void supersede_pending(UnixTime now) override;
  void raise_version() override;
  std::optional<ApplyResult> voided_since(UnixTime since, const std::string& new_email) override;
  std::optional<ChangeRecord> applied_after_request_of(LinkVersion version) override;
  bool withdraw_from(LinkVersion first, UnixTime now) override;
  void queue_mail(MailKind kind, const std::string& address, LinkVersion version, const NoticeOrder& order,
                  UnixTime now) override;

 private:
  PostgresTransaction& transaction_;
  std::string_view account_id_;
};

}  // namespace waxseal::server
