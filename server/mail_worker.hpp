#pragma once
/// @file mail_worker.hpp
/// A thread that empties one queue of the outbox: of mails or of events.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "ports/log.hpp"

namespace waxseal::server {

class MailWorker {
 public:
  /// Starts at once. @param log  Outlives the worker.
  /// @param deliver_next  Handles one entry; false if there is nothing to do now. Should it throw, that is logged and the
  ///                      entry is due again when its lease ends.
  MailWorker(std::function<bool()> deliver_next, Log& log);

  ~MailWorker() { stop(); }

  /// Waits for the mail in hand; the rest stays in the outbox.
  void stop();

  /// There may be something to do. Without it the worker looks once a second: for retries, and for other processes.
  void wake();

 private:
  void run();
  bool deliver_one() noexcept;

  std::function<bool()> deliver_next_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace waxseal::server
