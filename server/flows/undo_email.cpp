#include "flows/undo_email.hpp"

#include "flows/prove_ed25519.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t message_token_bytes = 16;

}  // namespace

Result<void> UndoEmail::undo(const Link& link, std::string_view language, const std::optional<IpAddress>& client) {
  const Result<Claims> claims = claims_of(link);
  if (!claims) return tl::make_unexpected(claims.error());
  const auto proof = prove_ed25519(ports_.keys, Purpose::undo_email, link);
  if (!proof) return tl::make_unexpected(proof.error());
  if (is_expired(claims->issued_at, ports_.clock.now(), policy_.undo_period)) {
    return fail(ErrorCode::signature_expired, "signed at " + link.timestamp);
  }
  ChangeToUndo change;
  change.account_id = link.user_id;
  change.version = proof->signature.link_version;
  change.old_email = link.email;
  change.email_key = rules_.uniqueness_key(link.email);
  change.require_active = policy_.require_active ? RequireActive::yes : RequireActive::no;
  change.to_restored = notice_order(language);
  change.to_displaced = notice_order(language);
  if (ports_.order_event) change.event = ports_.order_event(EmailChange::Reason::undone);
  change.origin = {client, encode_hex(proof->signature.key_id)};
  change.now = [this] { return ports_.clock.now(); };
  const Result<UndoAnswer> answer = ports_.accounts.undo(change);
  if (!answer) return tl::make_unexpected(answer.error());
  return conclude(change, *answer);
}

NoticeOrder UndoEmail::notice_order(std::string_view language) {
  return {std::string{language}, ports_.random.hex(message_token_bytes)};
}

/// What the store decided, in the words of the API; if the address changed, all who want to know are told.
Result<void> UndoEmail::conclude(const ChangeToUndo& change, const UndoAnswer& answer) {
  switch (answer.result) {
    case UndoResult::undone: break;
    case UndoResult::no_account: return fail(ErrorCode::user_not_found, "no account has this id, or it is inactive");
    case UndoResult::no_record: return fail(ErrorCode::link_superseded, "no record of this version: pruned, or lost");
    case UndoResult::undone_before: return fail(ErrorCode::change_undone, "the change was undone before");
    case UndoResult::cancelled_before: return fail(ErrorCode::link_cancelled, "the change was cancelled before");
    case UndoResult::email_taken: return fail(ErrorCode::email_already_registered, "another account has the address");
  }
  if (!answer.displaced_email) return {};
  if (ports_.mail_was_queued) ports_.mail_was_queued();
  if (ports_.email_changed) {
    ports_.email_changed({EmailChange::Reason::undone, change.account_id, *answer.displaced_email, change.old_email,
                          ports_.clock.now()});
  }
  return {};
}

}  // namespace waxseal::server
