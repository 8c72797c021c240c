#pragma once
/// @file stop_signal.hpp
/// SIGTERM and SIGINT as something that a thread waits for.

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

/// Calls `stop` in a thread of its own when the signal comes. Ends that thread when it goes out of scope.
class StopOnSignal {
 public:
  StopOnSignal(const StopSignal& signal, std::function<void()> stop)
      : thread_([&signal, stop = std::move(stop)] {
          signal.wait();
          stop();
        }) {}
  ~StopOnSignal() {
    pthread_kill(thread_.native_handle(), SIGTERM);  // ends the wait if no signal came
    thread_.join();
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

 private:
  std::thread thread_;
};

}  // namespace waxseal::server
