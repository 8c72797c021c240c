#include "mail_worker.hpp"

#include <chrono>

namespace waxseal::server {
namespace {

constexpr std::chrono::seconds longest_rest{1};

}  // namespace

MailWorker::MailWorker(std::function<bool()> deliver_next)
    : deliver_next_(std::move(deliver_next)), thread_([this] { run(); }) {}

MailWorker::~MailWorker() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void MailWorker::wake() {
  {
    const std::lock_guard lock{mutex_};
    woken_ = true;
  }
  changed_.notify_one();
}

void MailWorker::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    woken_ = false;
    lock.unlock();
    const bool found = deliver_next_();
    lock.lock();
    if (!found) changed_.wait_for(lock, longest_rest, [&] { return stopping_ || woken_; });
  }
}

}  // namespace waxseal::server
