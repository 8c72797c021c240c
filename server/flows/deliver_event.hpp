#pragma once
/// @file deliver_event.hpp
/// Takes one event out of the outbox and tells it to the site's own program.

#include <chrono>

#include "flows/work_outbox.hpp"
#include "ports/event_sender.hpp"

namespace waxseal::server {

class DeliverEvent {
 public:
  /// @param sender  Null: nobody is told any more, and events that wait are dropped. Outlives this.
  DeliverEvent(std::chrono::seconds give_up_after, EventSender* sender, WorkOutbox::Ports ports)
      : give_up_after_(give_up_after), sender_(sender), work_(OutboxQueue::events, "event", ports) {}

  /// See WorkOutbox::next.
  bool deliver_next();

 private:
  std::chrono::seconds give_up_after_;
  EventSender* sender_;
  WorkOutbox work_;
};

}  // namespace waxseal::server
