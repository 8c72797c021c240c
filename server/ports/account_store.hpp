#pragma once
/// @file account_store.hpp
/// What the flows need to know of accounts, and the guarded writes that change an address. Every method is one
/// transaction, safe to call from any thread, and fails with ErrorCode::unavailable when the storage cannot answer
/// now and ErrorCode::internal when it answers nonsense. No method throws. What changes or is to change an address is written
/// into the audit in the same transaction.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <waxseal/bytes.hpp>
#include <waxseal/error.hpp>
#include <waxseal/expiry.hpp>
#include <waxseal/server/email_change.hpp>
#include <waxseal/server/mail.hpp>
#include <waxseal/signature.hpp>

#include "ports/audit.hpp"
#include "ports/limits.hpp"

namespace waxseal::server {

/// A person's account, as the product sees it.
struct Account {
  std::string id;     ///< As text, whatever the column's type.
  std::string email;  ///< The address in force, exactly as stored. May be empty.
  bool active = true;
  std::string credential;  ///< The credential column as stored; empty if none is configured. Never logged.
};

/// The longest account id that a caller may be named by. Bytes.
inline constexpr std::size_t max_account_id_bytes = 256;

/// SHA-256 of an API token. Tokens are random, so that a plain hash keeps them secret.
using TokenHash = ByteArray<32>;

inline TokenHash hash_of_token(std::string_view token) { return sha256(token); }

/// How a requested change ended, or did not yet.
enum class ChangeOutcome { pending, applied, superseded, cancelled, undone };

/// The record of one requested change, kept for the longest period of any link on it.
struct ChangeRecord {
  LinkVersion version = 0;
  std::string old_email;
  std::string new_email;
  ChangeOutcome outcome = ChangeOutcome::pending;
};

/// Where an account's links stand: the version in force and the change that waits for its press.
struct LinkState {
  LinkVersion version = 0;                   ///< 0: no link was ever made.
  std::optional<std::string> pending_email;  ///< The address of the pending change of this version.
};

/// A mail to be queued in the same transaction as the request that wants it.
struct MailOrder {
  MailKind if_free;           ///< The kind when no account has the address.
  MailKind if_taken;          ///< Taken by another account, or the current address of this one.
  std::string language;       ///< BCP 47, e.g. "en".
  std::string message_token;  ///< Random; makes the Message-ID the same for every attempt.
};

/// A notice that was queued longer ago than this is sent anew when its change is asked for again, and when it is made: the
/// undo link in it, signed when it was sent, must hold long after the change, however long that was put off.
inline constexpr std::chrono::hours notice_holds{24};

/// A mail whose kind and recipient the store knows: the address in force, or one that was.
struct NoticeOrder {
  std::string language;       ///< As in MailOrder.
  std::string message_token;  ///< As in MailOrder.
};

/// An event to be queued in the same transaction as the change that it tells of.
struct EventOrder {
  EmailChange::Reason reason;
  std::string message_token;  ///< Random; makes the event's id the same for every attempt.
};

/// Gives an order for each change, with a token of its own; nothing where nobody is told. Does not throw.
using OrderEvent = std::function<std::optional<EventOrder>(EmailChange::Reason)>;

enum class LatestOnly { no, yes };
enum class RequireActive { no, yes };

/// A request to change an address. The store decides under one lock whether it is a new version.
struct ChangeRequest {
  std::string account_id;
  std::string new_email;
  std::optional<std::string> email_key;  ///< Uniqueness key of `new_email`; nothing if addresses need not be unique.
  LatestOnly latest_only = LatestOnly::yes;
  std::optional<MailOrder> mail;  ///< Nothing: no mail is queued (`waxseal link new`).
  std::optional<NoticeOrder>
      notice;  ///< Tells the address in force. Once a version and `notice_holds`; not if it is empty or `new_email`.
  std::vector<LimitCharge> limits = {};  ///< What it counts against: all of it is charged, or nothing is done at all.
  ChangeOrigin origin = {};              ///< For the audit, as in the two below.
  UnixTime now;
};

/// Why a request was not taken.
struct RequestRefusal : Error {
  RequestRefusal(Error error) : Error(std::move(error)) {}  // so that every failure of a store can be one
  /// @param reached  Its name is told to the log.
  explicit RequestRefusal(const LimitReached& reached)
      : Error{ErrorCode::rate_limited, std::string{reached.limit}}, retry_after(reached.retry_after) {}
  std::optional<std::chrono::seconds> retry_after;  ///< With ErrorCode::rate_limited.
};

/// A change to be applied, with everything that must still hold when it is.
struct ChangeToApply {
  std::string account_id;
  std::string current_email;                         ///< As read; the change fails if it is another by now.
  std::optional<std::string> credential;             ///< Likewise. Nothing: not looked at.
  RequireActive require_active = RequireActive::no;  ///< Whether it fails, too, if the account is inactive by now.
  std::string new_email;
  std::optional<std::string> email_key;     ///< As in ChangeRequest.
  std::optional<LinkVersion> link_version;  ///< ed25519: the record of this version must be pending, from and to these.
  LatestOnly latest_only = LatestOnly::yes;  ///< With a version: it must be the one in force, too.
  struct RememberedLink {
    ByteArray<32> fingerprint;  ///< SHA-256 of the signature.
    UnixTime forget_after;
  };
  std::optional<RememberedLink> remember;  ///< django: refused if remembered already, remembered otherwise.
  std::optional<UnixTime> signed_at;       ///< django: refused if an undo voided the account's links then or later.
  std::optional<NoticeOrder> notice;       ///< As in ChangeRequest: to the address that is given up.
  std::optional<EventOrder> event;         ///< Nothing: nobody is told.
  ChangeOrigin origin = {};
  UnixTime now;
};

enum class ApplyResult {
  applied,
  stale,  ///< Something that was read has changed since: read again.
  email_taken,
  link_used,       ///< The remembered link was remembered already.
  link_cancelled,  ///< The django link was signed before its account's owner undid a change.
  change_undone,   ///< The same, and its own change is one of those.
};

/// "This wasn't me." Everything is judged in the transaction that acts on it: whatever is read before may be what a thief
/// changes next.
struct ChangeToUndo {
  std::string account_id;
  LinkVersion version = 0;               ///< Of the change that the owner of the old address disowns.
  std::string old_email;                 ///< As signed; the record must say the same.
  std::optional<std::string> email_key;  ///< Uniqueness key of `old_email`, as in ChangeRequest.
  RequireActive require_active = RequireActive::no;
  NoticeOrder to_restored;               ///< Queued if the address changes: to the one in force again,
  NoticeOrder to_displaced;              ///< and to the one that was.
  std::optional<EventOrder> event = {};  ///< As in ChangeToApply; queued if the address changes.
  ChangeOrigin origin = {};
  std::function<UnixTime()> now;  ///< Asked once the account is locked: links signed until then are void.
};

enum class UndoResult {
  undone,            ///< Done: `old_email` is in force and nothing from that change on holds.
  no_account,        ///< There is none, or it is inactive and must not be.
  no_record,         ///< Pruned or lost, or of another address.
  undone_before,     ///< The change was applied once and undone since.
  cancelled_before,  ///< The change never was applied and never will.
  email_taken,       ///< Another account has `old_email` by now.
};

struct UndoAnswer {
  UndoResult result;
  std::optional<std::string> displaced_email = {};  ///< Undone: the address that was in force, if it is another one.
};

/// What the event tells that a change orders.
inline EmailChange change_told_by(const ChangeToApply& change) {
  return {change.event->reason, change.account_id, change.current_email, change.new_email, change.now};
}
inline EmailChange change_told_by(const ChangeToUndo& change, const std::string& displaced_email, UnixTime at) {
  return {change.event->reason, change.account_id, displaced_email, change.old_email, at};
}

/// What the audit keeps of each. @param version  That the change has.
inline AuditEntry audit_of(const ChangeRequest& request, const std::string& old_email, LinkVersion version) {
  return {AuditEvent::requested, request.account_id, version,    old_email,
          request.new_email,     request.origin,     request.now};
}
inline AuditEntry audit_of(const ChangeToApply& change, LinkVersion version) {
  return {AuditEvent::applied, change.account_id, version,   change.current_email,
          change.new_email,    change.origin,     change.now};
}
/// @param email_before  In force when it was pressed. @param was_applied  The disowned change, or one that followed it.
inline AuditEntry audit_of(const ChangeToUndo& change, const ChangeRecord& disowned, const std::string& email_before,
                           bool was_applied, UnixTime at) {
  if (was_applied) {
    return {AuditEvent::undone, change.account_id, change.version, email_before, change.old_email, change.origin, at};
  }
  return {AuditEvent::cancelled,
          change.account_id,
          change.version,
          disowned.old_email,
          disowned.new_email,
          change.origin,
          at};
}

class AccountStore {
 public:
  virtual ~AccountStore() = default;

  /// Nothing if there is no such account. Inactive ones are found.
  virtual Result<std::optional<Account>> find_account(std::string_view id) = 0;

  /// The same by an API token as its holder sends it: whether the table that is asked keeps a hash is the store's matter.
  virtual Result<std::optional<Account>> find_account_by_token(std::string_view token) = 0;

  virtual Result<LinkState> link_state(std::string_view account_id) = 0;
  virtual Result<std::optional<ChangeRecord>> find_change(std::string_view account_id, LinkVersion version) = 0;
  virtual Result<bool> is_link_remembered(const ByteArray<32>& fingerprint) = 0;

  /// Records the request: another address than the pending one raises the version and supersedes the pending change
  /// (unless LatestOnly::no), the same one keeps it while the address in force is the same, too; then queues the notice and
  /// the mail, in this order: the newest is the one that is waited for. Same work whether the address is taken or free.
  /// Fails with:  ErrorCode::user_not_found, ErrorCode::rate_limited  besides the above
  virtual tl::expected<LinkVersion, RequestRefusal> request_change(const ChangeRequest& request) = 0;

  /// Charges all of them, or none if one is reached.
  /// Fails with:  ErrorCode::rate_limited  besides the above
  virtual tl::expected<void, RequestRefusal> charge(const std::vector<LimitCharge>& limits, UnixTime now) = 0;

  /// Applies the change if everything in it still holds, raises the version, closes the record: that of the link's
  /// version, or of the newest pending change from and to just these addresses; without either it makes a record, so that
  /// every applied change has one. All or nothing.
  virtual Result<ApplyResult> apply(const ChangeToApply& change) = 0;

  /// Takes back that change and all that followed it. If one of them was applied, `old_email` is in force again, whatever
  /// address the account has by now. Applied ones are `undone` then, all others, and every pending one of the account,
  /// `cancelled`; the version is raised. All or nothing.
  virtual Result<UndoAnswer> undo(const ChangeToUndo& change) = 0;

  /// True once the storage answers and its schema is the one of this program.
  virtual Result<void> check_ready() = 0;
};

}  // namespace waxseal::server
