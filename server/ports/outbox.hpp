#pragma once
/// @file outbox.hpp
/// The durable queue of mails. An entry says what to send, never how it reads: the link is signed and the mail rendered
/// when it is sent, so that no signed link lies at rest. Methods are transactions, safe from any thread and process,
/// and fail with ErrorCode::unavailable or ErrorCode::internal like the AccountStore's.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ports/account_store.hpp"

namespace waxseal::server {

struct OutboxEntry {
  std::int64_t id = 0;
  MailKind kind = MailKind::verify_email;
  std::string account_id;
  std::string address;      ///< The one recipient.
  LinkVersion version = 0;  ///< The request that this mail belongs to.
  std::string language;
  std::string message_token;
  UnixTime created_at;
  int attempts = 0;  ///< Finished ones, before this one.
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  /// The entry that has been due longest and nobody holds; it is held until `now + lease`, then due again.
  virtual Result<std::optional<OutboxEntry>> claim_next(UnixTime now, std::chrono::seconds lease) = 0;

  // The four below fail with ErrorCode::internal, too, when the entry is done already or never was.

  /// The mail was handed over: the entry is done.
  virtual Result<void> mark_sent(std::int64_t id, UnixTime now) = 0;

  /// The entry is no longer wanted (its request was replaced): done without a mail.
  virtual Result<void> mark_dropped(std::int64_t id, UnixTime now, std::string_view reason) = 0;

  /// This attempt failed for a while: due again at `not_before`.
  virtual Result<void> retry_at(std::int64_t id, UnixTime not_before, std::string_view reason) = 0;

  /// No attempt will be made again; the entry stays, with its reason, for the operator.
  virtual Result<void> mark_dead(std::int64_t id, UnixTime now, std::string_view reason) = 0;
};

}  // namespace waxseal::server
