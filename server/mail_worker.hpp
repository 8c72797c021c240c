#pragma once
/// @file mail_worker.hpp
/// The threads that empty one queue of the outbox: of mails or of events.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "ports/log.hpp"

namespace waxseal::server {

class MailWorker {
 public:
  /// Handles one entry; false if there is nothing to do now. Should it throw, that is logged and the entry is due again
  /// when its lease ends.
  using DeliverNext = std::function<bool()>;

  /// Starts at once, a thread for each. @param log  Outlives the worker.
  MailWorker(std::vector<DeliverNext> deliveries, Log& log);

  ~MailWorker() { stop(); }

  /// Waits for what is in hand; the rest stays in the outbox.
  void stop();

  /// There may be something to do: one thread that rests looks. Without it each looks once a second: for retries, for other
  /// processes, and for what a thread that hangs leaves lying.
  void wake();

 private:
  void run(const DeliverNext& deliver_next);
  bool deliver_one(const DeliverNext& deliver_next) noexcept;

  const std::vector<DeliverNext> deliveries_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace waxseal::server
