#pragma once
/// @file event_sender.hpp
/// The site's own program, told of a change.

#include <string>

#include <waxseal/server/email_change.hpp>
#include <waxseal/server/mail.hpp>

namespace waxseal::server {

/// An event as it is told.
struct Event {
  std::string id;  ///< The same for every attempt, so that the receiver can tell a repetition.
  EmailChange change;
};

class EventSender {
 public:
  virtual ~EventSender() = default;

  /// Tells it. After a temporary failure it may have been heard all the same. Called from one thread at a time.
  virtual tl::expected<void, SendFailure> send(const Event& event) = 0;

  /// The program stops: a `send` that is running, and any later one, fails soon as a temporary failure. Any thread.
  virtual void stop() {}
};

}  // namespace waxseal::server
