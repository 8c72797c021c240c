#include "flows/deliver_mail.hpp"

#include <algorithm>

#include "flows/words.hpp"

namespace waxseal::server {
namespace {

/// Longer than any one attempt can take: a worker that died frees its entry after this.
constexpr std::chrono::seconds lease{300};
constexpr std::chrono::seconds first_retry_after{15};
constexpr std::chrono::seconds longest_retry_after{3600};

}  // namespace

bool DeliverMail::deliver_next() {
  const auto entry = ports_.outbox.claim_next(ports_.clock.now(), lease);
  if (!entry) {
    ports_.log.write(LogLevel::error, "outbox not readable", {{"reason", entry.error().log_detail}});
    return false;
  }
  if (!*entry) return false;

  const Result<void> settled = settle(**entry, attempt(**entry));
  if (!settled) {
    // The lease ends by itself and the entry is tried again: at least once, with the same Message-ID.
    ports_.log.write(LogLevel::error, "outbox not writable", {{"reason", settled.error().log_detail}});
  }
  return true;
}

/// Writes the mail and hands it over. Templates and sender may be the site's own code: what they throw is a failure.
tl::expected<DeliverMail::Attempted, SendFailure> DeliverMail::attempt(const OutboxEntry& entry) {
  const auto failed = [](std::string reason) {
    return tl::make_unexpected(SendFailure{SendFailure::Kind::temporary, std::move(reason)});
  };
  try {
    const Result<std::optional<Message>> message = write_message(entry);
    if (!message) return failed(message.error().log_detail);
    if (!*message) return Attempted::not_wanted;
    const auto sent = ports_.sender.send(**message);
    if (!sent) return tl::make_unexpected(sent.error());
    return Attempted::sent;
  } catch (const std::exception& error) {
    return failed(error.what());
  } catch (...) {
    return failed("an exception that says nothing");
  }
}

/// The message as it is to be sent now, or nothing if nobody needs it any more.
Result<std::optional<Message>> DeliverMail::write_message(const OutboxEntry& entry) {
  const auto account = ports_.accounts.find_account(entry.account_id);
  if (!account) return tl::make_unexpected(account.error());
  const auto change = ports_.accounts.find_change(entry.account_id, entry.version);
  if (!change) return tl::make_unexpected(change.error());
  if (!*account || !*change) return std::optional<Message>{};
  const Result<bool> wanted = is_still_wanted(entry, **account, **change);
  if (!wanted) return tl::make_unexpected(wanted.error());
  if (!*wanted) return std::optional<Message>{};
  const auto recipient = recipient_of(entry);
  if (!recipient) return tl::make_unexpected(recipient.error());
  const auto context = context_of(entry, **account, **change);
  if (!context) return tl::make_unexpected(context.error());
  auto words = ports_.templates.render({entry.kind, entry.account_id, entry.address, entry.language}, *context);
  if (!words) return tl::make_unexpected(words.error());
  auto message = ports_.composer.compose(
      {mail_.from, mail_.reply_to, recipient->envelope(), entry.message_token, ports_.clock.now(), std::move(*words)});
  if (!message) return tl::make_unexpected(message.error());
  return std::move(*message);
}

/// What goes to the new address: while the change waits for its press, and with latest_only no newer one replaced it. A
/// notice protects the owner of the old address most when the change was made meanwhile: it goes unless the change was
/// taken back.
Result<bool> DeliverMail::is_still_wanted(const OutboxEntry& entry, const Account& account,
                                          const ChangeRecord& change) {
  if (entry.kind == MailKind::change_undone) return true;
  if (entry.kind == MailKind::change_notice) {
    return change.outcome != ChangeOutcome::cancelled && change.outcome != ChangeOutcome::undone;
  }
  if (change.outcome != ChangeOutcome::pending || change.old_email != account.email) return false;
  const bool any_version = !links_.latest_only || links_.issue == Scheme::django;  // django links carry no version
  if (any_version) return true;
  const auto state = ports_.accounts.link_state(entry.account_id);
  if (!state) return tl::make_unexpected(state.error());
  return state->version == entry.version;
}

/// A new address passed the rules; one that is or was in force may have come by another road.
Result<EmailAddress> DeliverMail::recipient_of(const OutboxEntry& entry) const {
  const bool is_new = entry.kind == MailKind::verify_email || entry.kind == MailKind::email_in_use;
  return is_new ? rules_.parse(entry.address) : rules_.parse_in_force(entry.address);
}

Result<MailContext> DeliverMail::context_of(const OutboxEntry& entry, const Account& account,
                                            const ChangeRecord& change) {
  MailContext context{
      {"email", entry.address},
      {"account", masked_email(account.email)},
      {"requested_at", in_words(entry.created_at)},
      {"valid_for", in_words(links_.period)},
      {"site", mail_.site},
  };
  switch (entry.kind) {
    case MailKind::email_in_use: break;
    case MailKind::verify_email: {
      const auto issued = issuer_.issue(account, entry.address, entry.version, ports_.clock.now());
      if (!issued) return tl::make_unexpected(issued.error());
      context["link"] = issued->url;
      break;
    }
    case MailKind::change_notice: {
      const auto undo = issuer_.issue_undo(entry.account_id, entry.address, entry.version, ports_.clock.now());
      if (!undo) return tl::make_unexpected(undo.error());
      if (*undo) context["link"] = (*undo)->url;
      context["email"] = change.new_email;
      context["account"] = entry.address;  // the reader's own; the account may have a thief's by now
      context["valid_for"] = in_words(links_.undo_period);
      break;
    }
    case MailKind::change_undone: {
      const bool is_owner = entry.address == change.old_email;
      context["email"] = is_owner ? change.old_email : masked_email(change.old_email);
      break;
    }
  }
  return context;
}

Result<void> DeliverMail::settle(const OutboxEntry& entry, const tl::expected<Attempted, SendFailure>& attempted) {
  if (!attempted) return settle_failure(entry, attempted.error());
  if (*attempted == Attempted::not_wanted) {
    return ports_.outbox.mark_dropped(entry.id, ports_.clock.now(), "its request was replaced or is done");
  }
  ports_.log.write(
      LogLevel::info, "mail sent",
      {{"entry", std::to_string(entry.id)}, {"kind", std::string{name_of(entry.kind)}}, {"user", entry.account_id}});
  return ports_.outbox.mark_sent(entry.id, ports_.clock.now());
}

Result<void> DeliverMail::settle_failure(const OutboxEntry& entry, const SendFailure& failure) {
  const UnixTime now = ports_.clock.now();
  const bool too_late = now - entry.created_at >= mail_.give_up_after;
  const bool is_final = failure.kind == SendFailure::Kind::permanent || too_late;
  ports_.log.write(is_final ? LogLevel::error : LogLevel::warning, is_final ? "mail given up" : "mail delayed",
                   {{"entry", std::to_string(entry.id)},
                    {"user", entry.account_id},
                    {"attempt", std::to_string(entry.attempts + 1)},
                    {"reason", failure.reason}});
  if (is_final) return ports_.outbox.mark_dead(entry.id, now, failure.reason);
  return ports_.outbox.retry_at(entry.id, next_attempt(entry.attempts), failure.reason);
}

/// Exponential back-off with full jitter in its upper half, so that mails delayed together do not return together.
UnixTime DeliverMail::next_attempt(int finished_attempts) {
  const auto doubled = first_retry_after * (std::int64_t{1} << std::min(finished_attempts, 20));
  const std::int64_t delay_s = std::min<std::chrono::seconds>(doubled, longest_retry_after).count();
  std::uint32_t drawn = 0;
  ports_.random.fill(reinterpret_cast<std::uint8_t*>(&drawn), sizeof drawn);
  return ports_.clock.now() + std::chrono::seconds{delay_s / 2 + drawn % (delay_s / 2 + 1)};
}

}  // namespace waxseal::server
