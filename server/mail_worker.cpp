#include "mail_worker.hpp"

#include <chrono>
#include <exception>

namespace waxseal::server {
namespace {

constexpr std::chrono::seconds longest_rest{1};

}  // namespace

MailWorker::MailWorker(std::vector<DeliverNext> deliveries, Log& log) : deliveries_(std::move(deliveries)), log_(log) {
  for (const DeliverNext& deliver_next : deliveries_)
    threads_.emplace_back([this, &deliver_next] { run(deliver_next); });
}

void MailWorker::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void MailWorker::wake() {
  {
    const std::lock_guard lock{mutex_};
    woken_ = true;
  }
  changed_.notify_one();
}

/// An exception that leaves a thread ends the process, and with it the answers to requests.
bool MailWorker::deliver_one(const DeliverNext& deliver_next) noexcept {
  try {
    return deliver_next();
  } catch (const std::exception& error) {
    log_.write(LogLevel::error, "exception in a worker of the outbox", {{"reason", error.what()}});
    return false;
  }
}

void MailWorker::run(const DeliverNext& deliver_next) {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const bool found = deliver_one(deliver_next);
    lock.lock();
    if (!found) changed_.wait_for(lock, longest_rest, [&] { return stopping_ || woken_; });
  }
}

}  // namespace waxseal::server
