#pragma once
/// @file mail_worker.hpp
/// The thread that empties the outbox.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace waxseal::server {

class MailWorker {
 public:
  /// Starts at once. @param deliver_next  Handles one entry; false if there is nothing to do now.
  explicit MailWorker(std::function<bool()> deliver_next);

  /// Waits for the mail in hand; the rest stays in the outbox.
  ~MailWorker();

  /// There may be something to do. Without it the worker looks once a second: for retries, and for other processes.
  void wake();

 private:
  void run();

  std::function<bool()> deliver_next_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace waxseal::server
