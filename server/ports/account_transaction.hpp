#pragma once
/// @file account_transaction.hpp
/// What a store of tables reads and writes of one account within one write transaction, statement by statement. The order of
/// the statements, and what refuses, is the same for every such store: see change_steps.hpp. Methods throw what the driver
/// throws; the store rolls back then.

#include <optional>
#include <string>
#include <vector>

#include "ports/account_store.hpp"

namespace waxseal::server {

/// The change records of an account, and the mails that go with them.
class ChangeRecords {
 public:
  virtual ~ChangeRecords() = default;

  virtual LinkState state() = 0;
  virtual std::optional<ChangeRecord> find(LinkVersion version) = 0;

  /// Adds a record and makes its version the one in force. Of the outcome `pending`, or settled at `now`.
  virtual void insert(const ChangeRecord& record, UnixTime now) = 0;

  /// The newest pending change from and to just these addresses.
  virtual std::optional<LinkVersion> newest_pending(const std::string& old_email, const std::string& new_email) = 0;

  /// The pending change of this version was asked for once more: its record is kept from now on.
  virtual void note_asked_again(LinkVersion version, UnixTime now) = 0;

  /// Closes the change of this version as applied; false unless it is pending, from and to just these addresses.
  virtual bool close_applied(LinkVersion version, const std::string& old_email, const std::string& new_email,
                             UnixTime now) = 0;

  virtual void supersede_pending(UnixTime now) = 0;
  virtual void raise_version() = 0;

  /// Whether an undo voided links signed at `since`, and whether the one to `new_email` was among the undone.
  virtual std::optional<ApplyResult> voided_since(UnixTime since, const std::string& new_email) = 0;

  /// The newest change that is applied, older than `version`, and was applied once `version` had been asked for.
  virtual std::optional<ChangeRecord> applied_after_request_of(LinkVersion version) = 0;

  /// Makes what was applied from `first` on `undone`, and what waits or was superseded from there on, or waits at all,
  /// `cancelled`. @return  Whether a change was applied among them.
  virtual bool withdraw_from(LinkVersion first, UnixTime now) = 0;

  /// Queues a mail. Of notices of a change (MailKind::change_notice) each version has one, which is sent anew if it is older
  /// than `notice_holds`.
  virtual void queue_mail(MailKind kind, const std::string& address, LinkVersion version, const NoticeOrder& order,
                          UnixTime now) = 0;
};

/// What must still be so when an address is written.
struct AsRead {
  const std::string& email;
  std::optional<std::string> credential = {};
  RequireActive require_active = RequireActive::no;
};

enum class EmailWrite {
  done,
  not_current,  ///< The account is not as it was read.
  taken         ///< An adopted table keeps addresses unique by itself.
};

class AccountTransaction {
 public:
  virtual ~AccountTransaction() = default;

  /// The account, locked against other writers until the transaction ends.
  virtual std::optional<Account> lock_account() = 0;
  virtual ChangeRecords& changes() = 0;

  /// Charges all or none of them; forgets what is not used any more. @return  The limit that is reached, if one is.
  virtual std::optional<LimitReached> charge(const std::vector<LimitCharge>& limits, UnixTime now) = 0;

  /// Writes the address, and locks the account, if it is as it was read.
  virtual EmailWrite write_email(const AsRead& account, const std::string& email) = 0;

  /// Whether another account holds the address. One's own in another spelling is free.
  virtual bool held_by_another(const std::string& email_key, std::string_view email) = 0;

  /// Gives up what the account held and takes the key of its new address; false if another account holds it.
  virtual bool claim(const std::optional<std::string>& email_key, std::string_view email) = 0;

  /// False if the link was remembered already. Forgets those that have expired by themselves.
  virtual bool remember(const ChangeToApply::RememberedLink& link, UnixTime now) = 0;

  /// @param token  Of the order.
  virtual void queue_event(const EmailChange& change, const std::string& token) = 0;

  virtual void record_audit(const AuditEntry& entry) = 0;
};

}  // namespace waxseal::server
