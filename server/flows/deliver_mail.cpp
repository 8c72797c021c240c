#include "flows/deliver_mail.hpp"

namespace waxseal::server {
namespace {

/// Whatever the storage, the keys or the templates fail with passes or is mended; an address that is none stays one.
SendFailure failure_of(const Error& error) {
  const bool is_final = error.code == ErrorCode::invalid_fields;
  return {is_final ? SendFailure::Kind::permanent : SendFailure::Kind::temporary, error.log_detail};
}

}  // namespace

bool DeliverMail::deliver_next() {
  return work_.next(mail_.give_up_after, [this](const OutboxEntry& entry) { return attempt(entry); });
}

/// Writes the mail and hands it over.
tl::expected<WorkOutbox::Attempted, SendFailure> DeliverMail::attempt(const OutboxEntry& entry) {
  const Result<std::optional<Message>> message = write_message(entry);
  if (!message) return tl::make_unexpected(failure_of(message.error()));
  if (!*message) return WorkOutbox::Attempted::not_wanted;
  const auto sent = ports_.sender.send(**message);
  if (!sent) return tl::make_unexpected(sent.error());
  return WorkOutbox::Attempted::done;
}

/// The message as it is to be sent now, or nothing if nobody needs it any more.
Result<std::optional<Message>> DeliverMail::write_message(const OutboxEntry& entry) {
  const UnixTime now = ports_.clock.now();  // before anything is read: an undo voids what was signed before it
  const auto account = ports_.accounts.find_account(entry.account_id);
  if (!account) return tl::make_unexpected(account.error());
  const auto change = ports_.accounts.find_change(entry.account_id, entry.version);
  if (!change) return tl::make_unexpected(change.error());
  if (!*account || !*change) return std::optional<Message>{};
  const Result<bool> wanted = is_still_wanted(entry, **account, **change);
  if (!wanted) return tl::make_unexpected(wanted.error());
  if (!*wanted) return std::optional<Message>{};
  const auto recipient = recipient_of(entry);
  if (!recipient) return fail(ErrorCode::invalid_fields, "the recipient: " + recipient.error().log_detail);
  const auto context = context_of(entry, **account, **change, now);
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
                                            const ChangeRecord& change, UnixTime now) {
  MailContext context{
      {"email", entry.address},
      {"account", masked_email(account.email)},
      {"requested_at", ports_.time_words.in_words(entry.created_at, entry.language)},
      {"valid_for", ports_.time_words.in_words(links_.period, entry.language)},
      {"site", mail_.site},
  };
  switch (entry.kind) {
    case MailKind::email_in_use: break;
    case MailKind::verify_email: {
      const auto issued = issuer_.issue(account, entry.address, entry.version, now);
      if (!issued) return tl::make_unexpected(issued.error());
      context["link"] = issued->url;
      break;
    }
    case MailKind::change_notice: {
      const auto undo = issuer_.issue_undo(entry.account_id, entry.address, entry.version, now);
      if (!undo) return tl::make_unexpected(undo.error());
      if (*undo) context["link"] = (*undo)->url;
      context["email"] = change.new_email;
      context["account"] = entry.address;  // the reader's own; the account may have a thief's by now
      context["valid_for"] = ports_.time_words.in_words(links_.undo_period, entry.language);
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

}  // namespace waxseal::server
