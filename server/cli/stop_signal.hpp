#pragma once
/// @file stop_signal.hpp
/// SIGTERM and SIGINT as something that a thread waits for.

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

#include <pthread.h>

namespace waxseal::server {

/// Blocks the signals that end the server, in this thread and in all that are started after it.
class StopSignal {
 public:
  StopSignal() {
    sigemptyset(&signals_);
    for (const int signal : {SIGTERM, SIGINT}) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // a client that hangs up is an error of one write
  }

  void wait() const {
    int signal = 0;
    sigwait(&signals_, &signal);
  }

 private:
  sigset_t signals_{};
};

/// Calls `stop` in a thread of its own when the signal comes. A second one changes nothing: a terminal and a script may both
/// send theirs, and the stop is a matter of seconds. Ends that thread when it goes out of scope.
class StopOnSignal {
 public:
  StopOnSignal(const StopSignal& signal, std::function<void()> stop)
      : thread_([this, &signal, stop = std::move(stop)] {
          signal.wait();
          if (!over_) stop();
        }) {}
  ~StopOnSignal() {
    over_ = true;
    pthread_kill(thread_.native_handle(), SIGTERM);  // ends the wait
    thread_.join();
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

 private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace waxseal::server
