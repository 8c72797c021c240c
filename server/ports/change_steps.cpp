#include "ports/change_steps.hpp"

namespace waxseal::server {
namespace {

/// The first version of an account that has no record. Not 1: should records be lost (a restored backup, a wrong DELETE),
/// a version that some old link still carries must not come back, and nobody asks for a link each second for years.
LinkVersion first_link_version(UnixTime now) { return static_cast<LinkVersion>(to_unix_s(now)); }

LinkVersion next_version(ChangeRecords& changes, UnixTime now) {
  const LinkVersion version = changes.state().version;
  return version == 0 ? first_link_version(now) : version + 1;
}

/// Adds a record under a new version, which it returns.
LinkVersion add_record(ChangeRecords& changes, const std::string& old_email, const std::string& new_email,
                       ChangeOutcome outcome, UnixTime now) {
  const LinkVersion version = next_version(changes, now);
  changes.insert({version, old_email, new_email, outcome}, now);
  return version;
}

/// Whether the change of this version waits for its press, from and to just these addresses.
bool is_pending(ChangeRecords& changes, LinkVersion version, const std::string& old_email,
                const std::string& new_email) {
  const std::optional<ChangeRecord> change = changes.find(version);
  return change && change->outcome == ChangeOutcome::pending && change->old_email == old_email &&
         change->new_email == new_email;
}

/// Closes the record that the link names; false if it, or the version in force, is not as the change expects.
bool settle_version(ChangeRecords& changes, const ChangeToApply& change) {
  const bool in_force = change.latest_only == LatestOnly::no || changes.state().version == change.link_version;
  return in_force && changes.close_applied(*change.link_version, change.current_email, change.new_email, change.now);
}

/// The record of a change that no version names, applied: see AccountStore::apply. @return  Its version.
LinkVersion record_applied(ChangeRecords& changes, const ChangeToApply& change) {
  const auto version = changes.newest_pending(change.current_email, change.new_email);
  if (!version) {
    return add_record(changes, change.current_email, change.new_email, ChangeOutcome::applied, change.now);
  }
  changes.close_applied(*version, change.current_email, change.new_email, change.now);
  changes.raise_version();
  return *version;
}

/// Tells the address that is to be given up, if there is one.
void queue_notice(ChangeRecords& changes, const std::string& old_email, const std::string& new_email,
                  LinkVersion version, const NoticeOrder& order, UnixTime now) {
  if (old_email.empty() || old_email == new_email) return;
  changes.queue_mail(MailKind::change_notice, old_email, version, order, now);
}

/// Usually `pressed` itself. Without latest_only an older request may have been applied after it: then both left the
/// same address, and the older one is the last applied before it.
LinkVersion first_to_withdraw(ChangeRecords& changes, const ChangeRecord& pressed) {
  const std::optional<ChangeRecord> before = changes.applied_after_request_of(pressed.version);
  return before && before->old_email == pressed.old_email ? before->version : pressed.version;
}

/// Why the change that the press is about cannot be undone.
std::optional<UndoResult> refuse_undo(const std::optional<ChangeRecord>& pressed, const ChangeToUndo& change) {
  if (!pressed || pressed->old_email != change.old_email) return UndoResult::no_record;
  if (pressed->outcome == ChangeOutcome::undone) return UndoResult::undone_before;
  if (pressed->outcome == ChangeOutcome::cancelled) return UndoResult::cancelled_before;
  return std::nullopt;
}

/// Puts the old address in force again, and tells both.
bool restore_email(AccountTransaction& transaction, const Account& account, const ChangeToUndo& change, UnixTime now) {
  if (transaction.write_email({account.email}, change.old_email) != EmailWrite::done ||
      !transaction.claim(change.email_key, change.old_email)) {
    return false;
  }
  ChangeRecords& changes = transaction.changes();
  changes.queue_mail(MailKind::change_undone, change.old_email, change.version, change.to_restored, now);
  if (!account.email.empty()) {
    changes.queue_mail(MailKind::change_undone, account.email, change.version, change.to_displaced, now);
  }
  if (change.event) {
    transaction.queue_event(change_told_by(change, account.email, now), change.event->message_token);
  }
  return true;
}

}  // namespace

RequestAnswer request_change_in(AccountTransaction& transaction, const ChangeRequest& request) {
  const std::optional<Account> account = transaction.lock_account();
  if (!account) return fail(ErrorCode::user_not_found, "no account " + request.account_id);
  if (const auto reached = transaction.charge(request.limits, request.now)) {
    return tl::make_unexpected(RequestRefusal{*reached});
  }

  ChangeRecords& changes = transaction.changes();
  LinkVersion version = changes.state().version;
  if (is_pending(changes, version, account->email, request.new_email)) {
    changes.note_asked_again(version, request.now);
  } else {
    if (request.latest_only == LatestOnly::yes) changes.supersede_pending(request.now);
    version = add_record(changes, account->email, request.new_email, ChangeOutcome::pending, request.now);
  }
  if (request.notice) {
    queue_notice(changes, account->email, request.new_email, version, *request.notice, request.now);
  }
  if (request.mail) {
    const bool taken = request.email_key && (request.new_email == account->email ||
                                             transaction.held_by_another(*request.email_key, request.new_email));
    changes.queue_mail(taken ? request.mail->if_taken : request.mail->if_free, request.new_email, version,
                       {request.mail->language, request.mail->message_token}, request.now);
  }
  transaction.record_audit(audit_of(request, account->email, version));
  return version;
}

ApplyResult apply_in(AccountTransaction& transaction, const ChangeToApply& change) {
  const EmailWrite written =
      transaction.write_email({change.current_email, change.credential, change.require_active}, change.new_email);
  if (written == EmailWrite::not_current) return ApplyResult::stale;

  ChangeRecords& changes = transaction.changes();
  if (change.signed_at) {
    if (const auto voided = changes.voided_since(*change.signed_at, change.new_email)) return *voided;
  }
  if (change.remember && !transaction.remember(*change.remember, change.now)) return ApplyResult::link_used;
  if (change.link_version && !settle_version(changes, change)) return ApplyResult::stale;
  if (written == EmailWrite::taken || !transaction.claim(change.email_key, change.new_email)) {
    return ApplyResult::email_taken;
  }

  const LinkVersion version = change.link_version ? *change.link_version : record_applied(changes, change);
  changes.supersede_pending(change.now);
  if (change.link_version) changes.raise_version();
  if (change.notice) {
    queue_notice(changes, change.current_email, change.new_email, version, *change.notice, change.now);
  }
  if (change.event) transaction.queue_event(change_told_by(change), change.event->message_token);
  transaction.record_audit(audit_of(change, version));
  return ApplyResult::applied;
}

UndoAnswer undo_in(AccountTransaction& transaction, const ChangeToUndo& change) {
  const std::optional<Account> account = transaction.lock_account();
  const bool must_be_active = change.require_active == RequireActive::yes;
  if (!account || (must_be_active && !account->active)) return {UndoResult::no_account};

  const UnixTime now = change.now();
  ChangeRecords& changes = transaction.changes();
  const std::optional<ChangeRecord> pressed = changes.find(change.version);
  if (const auto refused = refuse_undo(pressed, change)) return {*refused};

  UndoAnswer answer{UndoResult::undone};
  const bool was_applied = changes.withdraw_from(first_to_withdraw(changes, *pressed), now);
  if (was_applied && account->email != change.old_email) {
    if (!restore_email(transaction, *account, change, now)) return {UndoResult::email_taken};
    answer.displaced_email = account->email;
  }
  changes.raise_version();
  transaction.record_audit(audit_of(change, *pressed, account->email, was_applied, now));
  return answer;
}

}  // namespace waxseal::server
