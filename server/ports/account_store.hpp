#pragma once
/// @file account_store.hpp
/// What the flows need to know of accounts, and the guarded writes that change an address. Every method is one
/// transaction, safe to call from any thread, and fails with ErrorCode::unavailable when the storage cannot answer
/// now and ErrorCode::internal when it answers nonsense. No method throws.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <waxseal/bytes.hpp>
#include <waxseal/error.hpp>
#include <waxseal/expiry.hpp>
#include <waxseal/server/mail.hpp>
#include <waxseal/signature.hpp>

namespace waxseal::server {

/// A person's account, as the product sees it.
struct Account {
  std::string id;     ///< As text, whatever the column's type.
  std::string email;  ///< The address in force, exactly as stored. May be empty.
  bool active = true;
  std::string credential;  ///< The credential column as stored; empty if none is configured. Never logged.
};

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

enum class LatestOnly { no, yes };
enum class RequireActive { no, yes };

/// A request to change an address. The store decides under one lock whether it is a new version.
struct ChangeRequest {
  std::string account_id;
  std::string new_email;
  std::optional<std::string> email_key;  ///< Uniqueness key of `new_email`; nothing if addresses need not be unique.
  LatestOnly latest_only = LatestOnly::yes;
  std::optional<MailOrder> mail;  ///< Nothing: no mail is queued (`waxseal link new`).
  UnixTime now;
};

/// A change to be applied, with everything that must still hold when it is.
struct ChangeToApply {
  std::string account_id;
  std::string current_email;                         ///< As read; the change fails if it is another by now.
  RequireActive require_active = RequireActive::no;  ///< Whether it fails, too, if the account is inactive by now.
  std::string new_email;
  std::optional<std::string> email_key;      ///< As in ChangeRequest.
  std::optional<LinkVersion> link_version;   ///< ed25519: the record of this version must be pending for `new_email`.
  LatestOnly latest_only = LatestOnly::yes;  ///< With a version: it must be the one in force, too.
  struct RememberedLink {
    ByteArray<32> fingerprint;  ///< SHA-256 of the signature.
    UnixTime forget_after;
  };
  std::optional<RememberedLink> remember;  ///< django: refused if remembered already, remembered otherwise.
  UnixTime now;
};

enum class ApplyResult {
  applied,
  stale,  ///< Something that was read has changed since: read again.
  email_taken,
  link_used,  ///< The remembered link was remembered already.
};

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
  /// (unless LatestOnly::no), the same one keeps it; then queues the mail. Same work whether the address is taken or free.
  /// Fails with:  ErrorCode::user_not_found  besides the above
  virtual Result<LinkVersion> request_change(const ChangeRequest& request) = 0;

  /// Applies the change if everything in it still holds, raises the version, closes the record. All or nothing.
  virtual Result<ApplyResult> apply(const ChangeToApply& change) = 0;

  /// True once the storage answers and its schema is the one of this program.
  virtual Result<void> check_ready() = 0;
};

}  // namespace waxseal::server
