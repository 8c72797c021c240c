#include "flows/deliver_event.hpp"

namespace waxseal::server {

bool DeliverEvent::deliver_next() {
  using Attempted = WorkOutbox::Attempted;
  return work_.next(give_up_after_, [this](const OutboxEntry& entry) -> tl::expected<Attempted, SendFailure> {
    if (sender_ == nullptr || !entry.event) return Attempted::not_wanted;
    const auto sent = sender_->send({"msg_" + entry.message_token, *entry.event});
    if (!sent) return tl::make_unexpected(sent.error());
    return Attempted::done;
  });
}

}  // namespace waxseal::server
