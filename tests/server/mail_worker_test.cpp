// The threads that empty a queue, without a queue: what they are told to do is the test's.

#include "mail_worker.hpp"

#include <atomic>
#include <future>

#include "support/catch.hpp"
#include "support/recording_log.hpp"

using namespace waxseal::server;
using namespace waxseal::test;

namespace {

constexpr std::chrono::seconds longest_wait{20};

/// Something that happens once, in another thread.
class Event {
 public:
  void happen() { happened_.set_value(); }
  bool comes() { return future_.wait_for(longest_wait) == std::future_status::ready; }

 private:
  std::promise<void> happened_;
  std::shared_future<void> future_ = happened_.get_future().share();
};

}  // namespace

TEST_CASE("A thread that hangs in one delivery holds up no other") {
  RecordingLog log;
  Event hangs, release, others_went_on;
  std::atomic<int> delivered{0};
  std::atomic<bool> is_first{true};
  const auto hang = [&] {
    if (!is_first.exchange(false)) return false;
    hangs.happen();
    release.comes();
    return true;
  };
  const auto deliver = [&] {
    if (delivered < 5 && ++delivered == 5) others_went_on.happen();
    return delivered < 5;
  };
  MailWorker worker{{hang, deliver}, log};
  CHECK(hangs.comes());
  CHECK(others_went_on.comes());
  release.happen();
}

TEST_CASE("A stop waits for what is in hand, and nothing is begun after it") {
  RecordingLog log;
  Event begun, release;
  std::atomic<int> calls{0};
  std::atomic<bool> finished{false};
  MailWorker worker{{[&] {
                      if (++calls > 1) return true;
                      begun.happen();
                      finished = release.comes();
                      return true;
                    }},
                    log};
  CHECK(begun.comes());
  auto stopped = std::async(std::launch::async, [&] { worker.stop(); });
  CHECK(stopped.wait_for(std::chrono::milliseconds{20}) == std::future_status::timeout);
  release.happen();
  stopped.get();
  CHECK(finished);
  const int calls_until_then = calls;
  worker.wake();
  CHECK(calls == calls_until_then);
}

TEST_CASE("A thread that rests looks at once when it is woken") {
  RecordingLog log;
  std::atomic<int> calls{0};
  std::atomic<bool> there_is_work{false};
  Event first_look, done;
  MailWorker worker{{[&] {
                      if (++calls == 1) first_look.happen();
                      if (!there_is_work.exchange(false)) return false;
                      done.happen();
                      return true;
                    }},
                    log};
  CHECK(first_look.comes());
  const auto asked = std::chrono::steady_clock::now();
  there_is_work = true;
  worker.wake();
  CHECK(done.comes());
  CHECK(std::chrono::steady_clock::now() - asked < std::chrono::milliseconds{900});  // not by the look of each second
}

TEST_CASE("A delivery that throws is logged, and its thread goes on") {
  RecordingLog log;
  std::atomic<int> calls{0};
  Event went_on;
  {
    MailWorker worker{{[&]() -> bool {
                        if (++calls == 1) throw std::runtime_error{"no more memory"};
                        if (calls == 2) went_on.happen();
                        return false;
                      }},
                      log};
    worker.wake();
    CHECK(went_on.comes());
  }
  CHECK(log.all() == "exception in a worker of the outbox reason=no more memory\n");
}
