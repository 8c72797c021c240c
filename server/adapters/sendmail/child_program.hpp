#pragma once
/// @file child_program.hpp
/// One run of another program, without a shell and within a time limit, private to this adapter. Linux only: memfd, pidfd.

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace waxseal::server {

struct ChildProgram {
  std::vector<std::string> arguments;  ///< The first is the program's path; it is not searched for.
  std::string input;                   ///< Its standard input, as a file.
  std::chrono::milliseconds time_limit{0};
  std::chrono::milliseconds grace_at_stop{0};  ///< How long it may still run once `stopping` is set.
};

struct ChildOutcome {
  enum class How {
    exited,
    signalled,    ///< Ended by a signal that was not ours.
    timed_out,    ///< Killed, with all that it started.
    stopped,      ///< The same, for this program stops.
    not_started,  ///< `status` is errno.
  };
  How how = How::not_started;
  int status = 0;      ///< Exit status, signal or errno.
  std::string output;  ///< The start of what it printed on standard output and standard error, at most 2,000 bytes.
};

/// Runs it to its end. It gets neither our open files nor our WAXSEAL_ variables, which may be secrets, nor our signal mask.
ChildOutcome run_child(const ChildProgram& program, const std::atomic<bool>& stopping);

}  // namespace waxseal::server
