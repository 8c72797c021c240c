#include "mail_worker.hpp"

#include <chrono>
#include <exception>

namespace waxseal::server {
namespace {

constexpr std::chrono::seconds longest_rest{1};

}  // namespace

MailWorker::MailWorker(std::function<bool()> deliver_next, Log& log)
    : deliver_next_(std::move(deliver_next)), log_(log), thread_([this] { run(); }) {}

void MailWorker::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void MailWorker::wake() {
  {
    const std::lock_guard lock{mutex_};
    woken_ = true;
  }
  changed_.notify_one();
}

/// An exception that leaves a thread ends the process, and with it the answers to requests.
bool MailWorker::deliver_one() noexcept {
  try {
    return deliver_next_();
  } catch (const std::exception& error) {
    log_.write(LogLevel::error, "exception in a worker of the outbox", {{"reason", error.what()}});
    return false;
  }
}

void MailWorker::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const bool found = deliver_one();
    lock.lock();
    if (!found) changed_.wait_for(lock, longest_rest, [&] { return stopping_ || woken_; });
  }
}

}  // namespace waxseal::server
