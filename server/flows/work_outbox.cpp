#include "flows/work_outbox.hpp"

#include <algorithm>

#include "ports/redact.hpp"

namespace waxseal::server {
namespace {

/// Longer than any one attempt can take (mail.timeout is bounded for it): a worker that died frees its entry after this.
constexpr std::chrono::seconds lease{300};
constexpr std::chrono::seconds first_retry_after{15};
constexpr std::chrono::seconds longest_retry_after{3600};
static_assert(lease + longest_retry_after <= longest_outbox_wait);

/// The site's own code may have a part in it: what it throws is a failure.
tl::expected<WorkOutbox::Attempted, SendFailure> guarded(const WorkOutbox::Attempt& attempt, const OutboxEntry& entry) {
  const auto failed = [](std::string reason) {
    return tl::make_unexpected(SendFailure{SendFailure::Kind::temporary, std::move(reason)});
  };
  try {
    return attempt(entry);
  } catch (const std::exception& error) {
    return failed(error.what());
  } catch (...) {
    return failed("an exception that says nothing");
  }
}

}  // namespace

bool WorkOutbox::next(std::chrono::seconds give_up_after, const Attempt& attempt) {
  const auto entry = ports_.outbox.claim_next(queue_, ports_.clock.now(), lease);
  if (!entry) {
    ports_.log.write(LogLevel::error, "outbox not readable", {{"reason", entry.error().log_detail}});
    return false;
  }
  if (!*entry) return false;

  const Result<void> settled = settle(**entry, guarded(attempt, **entry), give_up_after);
  if (!settled) {
    // The lease ends by itself and the entry is tried again: at least once, with the same id.
    ports_.log.write(LogLevel::error, "outbox not writable", {{"reason", settled.error().log_detail}});
  }
  return true;
}

Result<void> WorkOutbox::settle(const OutboxEntry& entry, const tl::expected<Attempted, SendFailure>& attempted,
                                std::chrono::seconds give_up_after) {
  if (!attempted) return settle_failure(entry, attempted.error(), give_up_after);
  if (*attempted == Attempted::not_wanted) {
    ports_.metrics.attempted(queue_, AttemptOutcome::not_wanted);
    return ports_.outbox.mark_dropped(entry.id, ports_.clock.now(), "nobody needs it any more");
  }
  const Result<void> marked =
      ports_.outbox.mark_sent(entry.id, ports_.clock.now());  // first: a crash before it sends again
  ports_.metrics.attempted(queue_, AttemptOutcome::sent);
  if (!entry.event && entry.kind == MailKind::verify_email) ports_.metrics.link_step(LinkStep::mailed);
  ports_.log.write(LogLevel::info, std::string{what_} + " sent",
                   {{"entry", std::to_string(entry.id)},
                    {"kind", entry.event ? "email_changed" : std::string{name_of(entry.kind)}},
                    {"user", entry.account_id}});
  return marked;
}

Result<void> WorkOutbox::settle_failure(const OutboxEntry& entry, const SendFailure& failure,
                                        std::chrono::seconds give_up_after) {
  const UnixTime now = ports_.clock.now();
  const bool too_late = now - entry.wanted_since >= give_up_after;
  const bool is_final = failure.kind == SendFailure::Kind::permanent || too_late;
  const std::string reason = redact(failure.reason);  // a relay may quote the mail, its link included
  ports_.metrics.attempted(queue_, is_final ? AttemptOutcome::given_up : AttemptOutcome::delayed);
  ports_.log.write(is_final ? LogLevel::error : LogLevel::warning,
                   std::string{what_} + (is_final ? " given up" : " delayed"),
                   {{"entry", std::to_string(entry.id)},
                    {"user", entry.account_id},
                    {"attempt", std::to_string(entry.attempts + 1)},
                    {"reason", reason}});
  if (is_final) return ports_.outbox.mark_dead(entry.id, now, reason);
  return ports_.outbox.retry_at(entry, next_attempt(entry.attempts, failure.retry_after), reason);
}

/// Exponential back-off with full jitter in its upper half, so that entries delayed together do not return together; not
/// before the other side wants it, within the longest wait.
UnixTime WorkOutbox::next_attempt(int finished_attempts, std::chrono::seconds asked_for) {
  const auto doubled = first_retry_after * (std::int64_t{1} << std::min(finished_attempts, 20));
  const std::int64_t delay_s = std::min<std::chrono::seconds>(doubled, longest_retry_after).count();
  std::uint32_t drawn = 0;
  ports_.random.fill(reinterpret_cast<std::uint8_t*>(&drawn), sizeof drawn);
  const std::chrono::seconds own{delay_s / 2 + drawn % (delay_s / 2 + 1)};
  return ports_.clock.now() + std::max(own, std::min(asked_for, longest_retry_after));
}

}  // namespace waxseal::server
