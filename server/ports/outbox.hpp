#pragma once
/// @file outbox.hpp
/// The durable queues of mails and of events. An entry of a mail says what to send, never how it reads: the link is signed and the mail rendered
/// when it is sent, so that no signed link lies at rest. Methods are transactions, safe from any thread and process,
/// and fail with ErrorCode::unavailable or ErrorCode::internal like the AccountStore's.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <waxseal/server/email_change.hpp>

#include "ports/account_store.hpp"

namespace waxseal::server {

/// Neither waits for the other: a mail does not stand behind a webhook that hangs.
enum class OutboxQueue { mails, events };

struct OutboxEntry {
  std::int64_t id = 0;
  MailKind kind = MailKind::verify_email;  ///< Of a mail.
  std::string account_id;
  std::string address;      ///< The one recipient.
  LinkVersion version = 0;  ///< The request that this mail belongs to.
  std::string language;
  std::string message_token;
  UnixTime created_at;
  int attempts = 0;            ///< Finished ones, before this one.
  UnixTime wanted_since = {};  ///< When it was asked for, or last tried anew by an operator: patience counts from here.
  std::optional<EmailChange> event = {};  ///< Of an event: what happened.
  UnixTime held_until = {};               ///< The end of the lease under which it was claimed.
};

/// No entry waits longer than this, lease included. One that would was written before the clock was set back, and is due.
/// A clock that was set back by less delays an entry by no more than that.
inline constexpr std::chrono::seconds longest_outbox_wait{3900};

class Outbox {
 public:
  virtual ~Outbox() = default;

  /// The entry that has been due longest and nobody holds; it is held until `now + lease`, then due again.
  virtual Result<std::optional<OutboxEntry>> claim_next(OutboxQueue queue, UnixTime now,
                                                        std::chrono::seconds lease) = 0;

  // The four below fail with ErrorCode::internal, too, when the entry is done already or never was.

  /// The mail was handed over: the entry is done.
  virtual Result<void> mark_sent(std::int64_t id, UnixTime now) = 0;

  /// The entry is no longer wanted (its request was replaced): done without a mail.
  virtual Result<void> mark_dropped(std::int64_t id, UnixTime now, std::string_view reason) = 0;

  /// This attempt failed for a while: due again at `not_before`. Fails, too, when the lease ended and another worker holds
  /// the entry: it is not freed under that one's hands.
  virtual Result<void> retry_at(const OutboxEntry& entry, UnixTime not_before, std::string_view reason) = 0;

  /// No attempt will be made again; the entry stays, with its reason, for the operator.
  virtual Result<void> mark_dead(std::int64_t id, UnixTime now, std::string_view reason) = 0;
};

}  // namespace waxseal::server
