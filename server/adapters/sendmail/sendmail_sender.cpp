#include "adapters/sendmail/sendmail_sender.hpp"

#include <sysexits.h>

#include <algorithm>
#include <cstring>

#include "adapters/sendmail/child_program.hpp"
#include "ports/one_line.hpp"

namespace waxseal::server {
namespace {

/// A program that took the message may need this long to store it; killed sooner, the mail might go out twice.
constexpr std::chrono::seconds grace_at_stop{5};

/// What programs on Unix read: lines that end in LF.
std::string with_unix_line_ends(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  return text;
}

std::string words_of(const ChildOutcome& outcome, std::chrono::seconds time_limit) {
  switch (outcome.how) {
    case ChildOutcome::How::exited: break;
    case ChildOutcome::How::signalled: return "ended by signal " + std::to_string(outcome.status);
    case ChildOutcome::How::timed_out:
      return "did not end within " + std::to_string(time_limit.count()) + " s (mail.timeout) and was killed";
    case ChildOutcome::How::stopped: return "was killed, for waxseal stops";
    case ChildOutcome::How::not_started: return std::string{"could not be started: "} + std::strerror(outcome.status);
  }
  return "exit status " + std::to_string(outcome.status) + (outcome.status == EX_TEMPFAIL ? ", try again later" : "");
}

/// Only where the program says that this mail will not do. Anything else, from its own settings to a full disk, is the
/// operator's to mend, and the mail waits.
bool is_permanent(const ChildOutcome& outcome) {
  return outcome.how == ChildOutcome::How::exited &&
         (outcome.status == EX_DATAERR || outcome.status == EX_NOUSER || outcome.status == EX_NOHOST);
}

}  // namespace

tl::expected<void, SendFailure> SendmailSender::send(const Message& message) {
  if (stopping_) return tl::make_unexpected(SendFailure{SendFailure::Kind::temporary, "sendmail: waxseal stops"});
  ChildProgram program;
  program.arguments = {path_, "-i", "-f", message.envelope_from, "--", message.envelope_to};
  program.input = with_unix_line_ends(message.bytes);
  program.time_limit = time_limit_;
  program.grace_at_stop = grace_at_stop;
  const ChildOutcome outcome = run_child(program, stopping_);
  if (outcome.how == ChildOutcome::How::exited && outcome.status == EX_OK) return {};
  const std::string said = in_one_line(outcome.output);
  return tl::make_unexpected(SendFailure{
      is_permanent(outcome) ? SendFailure::Kind::permanent : SendFailure::Kind::temporary,
      "sendmail: " + path_ + ": " + words_of(outcome, time_limit_) + (said.empty() ? "" : "; it said: " + said)});
}

}  // namespace waxseal::server
