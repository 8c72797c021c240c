#pragma once
/// @file signals.hpp
/// The signals that a server obeys, as something that a thread waits for: SIGTERM and SIGINT end it, SIGHUP makes it read its
/// keys again.

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

#include <pthread.h>

namespace waxseal::server {

/// Blocks the signals, in this thread and in all that are started after it.
class Signals {
 public:
  Signals() {
    sigemptyset(&signals_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // a client that hangs up is an error of one write
    std::signal(SIGXFSZ, SIG_IGN);  // so is a file that has grown to the limit of this process
  }

  /// The next one.
  int wait() const {
    int signal = 0;
    sigwait(&signals_, &signal);
    return signal;
  }

 private:
  sigset_t signals_{};
};

/// Obeys signals in a thread of its own: reloads as often as it is told to, stops once. A second signal to stop changes
/// nothing: a terminal and a script may both send theirs, and the stop is a matter of seconds. Ends that thread when it goes out
/// of scope.
class SignalThread {
 public:
  struct Actions {
    std::function<void()> stop;
    std::function<void()> reload;
  };

  SignalThread(const Signals& signals, Actions actions)
      : thread_([this, &signals, actions = std::move(actions)] {
          while (signals.wait() == SIGHUP) actions.reload();
          if (!over_) actions.stop();
        }) {}
  ~SignalThread() {
    over_ = true;
    pthread_kill(thread_.native_handle(), SIGTERM);  // ends the wait
    thread_.join();
  }
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace waxseal::server
