#pragma once
/// @file outbox_admin.hpp
/// What an operator does to the outbox: looks at it, tries entries again, throws old ones away. Each method is a transaction
/// and fails like the Outbox's.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ports/outbox.hpp"

namespace waxseal::server {

enum class OutboxState {
  queued,   ///< To be tried, now or later.
  sent,     ///< Handed over.
  dropped,  ///< Not wanted any more when its turn came.
  dead      ///< Given up, with the reason.
};

inline constexpr OutboxState outbox_states[] = {OutboxState::queued, OutboxState::sent, OutboxState::dropped,
                                                OutboxState::dead};

/// The state's name in storage and on the command line.
constexpr const char* name_of(OutboxState state) {
  switch (state) {
    case OutboxState::queued: break;
    case OutboxState::sent: return "sent";
    case OutboxState::dropped: return "dropped";
    case OutboxState::dead: return "dead";
  }
  return "queued";
}

struct OutboxRow {
  std::int64_t id = 0;
  std::string kind;  ///< As stored: a MailKind's name, or `email_changed`.
  std::string account_id;
  std::string address;
  OutboxState state = OutboxState::queued;
  int attempts = 0;                ///< Failed ones, since the request or the last `retry`.
  std::optional<UnixTime> due_at;  ///< Queued: when it is tried (again).
  bool held = false;               ///< Queued: a worker is at it now.
  std::string reason;              ///< Of the last failure, or why it was dropped. May be empty.
  UnixTime created_at;
  std::optional<UnixTime> settled_at;
};

/// All conditions together; an empty one holds for every entry.
struct OutboxSelection {
  std::vector<std::int64_t> ids;
  std::vector<OutboxState> states;
  std::optional<UnixTime> before;  ///< Settled, or queued and asked for, earlier than this.
};

/// How much waits in one queue.
struct OutboxDepth {
  std::int64_t waiting = 0;
  std::optional<UnixTime> oldest = {};  ///< When the oldest of it was asked for, or last tried anew by an operator.
};

class OutboxAdmin {
 public:
  virtual ~OutboxAdmin() = default;

  /// The newest `most` of the selection, oldest first. @param now  Tells what is held.
  virtual Result<std::vector<OutboxRow>> list(const OutboxSelection& selection, std::size_t most, UnixTime now) = 0;

  /// Makes the dead and the queued ones of the selection due at once, with attempts and patience as if asked for now.
  /// Those that a worker holds are left alone. Returns how many.
  virtual Result<int> retry(const OutboxSelection& selection, UnixTime now) = 0;

  /// Deletes the selection but those that a worker holds. Returns how many.
  virtual Result<int> purge(const OutboxSelection& selection, UnixTime now) = 0;

  virtual Result<OutboxDepth> depth(OutboxQueue queue) = 0;
};

}  // namespace waxseal::server
