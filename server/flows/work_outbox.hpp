#pragma once
/// @file work_outbox.hpp
/// One entry of the outbox, from its claim to what becomes of it: the same for mails and for events.

#include <chrono>
#include <functional>
#include <string>

#include <waxseal/server/mail.hpp>

#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "ports/metrics.hpp"
#include "ports/outbox.hpp"
#include "ports/random_source.hpp"

namespace waxseal::server {

class WorkOutbox {
 public:
  struct Ports {
    Outbox& outbox;
    const Clock& clock;
    RandomSource& random;
    Log& log;
    Metrics& metrics = no_metrics;
  };
  enum class Attempted { done, not_wanted };
  using Attempt = std::function<tl::expected<Attempted, SendFailure>(const OutboxEntry&)>;

  /// @param what  "mail" or "event", for the log. Static.
  WorkOutbox(OutboxQueue queue, const char* what, Ports ports) : queue_(queue), what_(what), ports_(ports) {}

  /// Handles the oldest due entry of the queue: done, dropped, later again, or given up. What `attempt` throws is a temporary
  /// failure. True if there was an entry; false if there is nothing to do now or the storage does not answer (logged).
  bool next(std::chrono::seconds give_up_after, const Attempt& attempt);

 private:
  Result<void> settle(const OutboxEntry& entry, const tl::expected<Attempted, SendFailure>& attempted,
                      std::chrono::seconds give_up_after);
  Result<void> settle_failure(const OutboxEntry& entry, const SendFailure& failure, std::chrono::seconds give_up_after);
  UnixTime next_attempt(int finished_attempts, std::chrono::seconds asked_for);

  OutboxQueue queue_;
  const char* what_;
  Ports ports_;
};

}  // namespace waxseal::server
