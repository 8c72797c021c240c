#include "flows/verify_email.hpp"

#include "flows/prove_ed25519.hpp"

namespace waxseal::server {
namespace {

/// Attempts at the guarded write while others change the same account. Each one reads everything again.
constexpr int attempts_while_others_write = 3;

ByteArray<32> fingerprint_of(const Link& link) { return sha256(link.signature); }

/// How a link whose change is not pending any more is refused.
Result<void> refuse_by_outcome(ChangeOutcome outcome) {
  switch (outcome) {
    case ChangeOutcome::cancelled: return fail(ErrorCode::link_cancelled, "the change was cancelled");
    case ChangeOutcome::undone: return fail(ErrorCode::change_undone, "the change was undone");
    case ChangeOutcome::applied: return fail(ErrorCode::link_used, "the change was applied before");
    case ChangeOutcome::superseded: return fail(ErrorCode::link_superseded, "a newer request replaced this one");
    case ChangeOutcome::pending: break;
  }
  return {};
}

}  // namespace

Result<VerifyOutcome> VerifyEmail::verify(const Link& link, const std::optional<IpAddress>& client) {
  const Result<ProvenLink> proven = prove_signature(link);
  if (!proven) return tl::make_unexpected(proven.error());
  if (is_expired(proven->claims.issued_at, ports_.clock.now(), policy_.period)) {
    return fail(ErrorCode::signature_expired, "signed at " + proven->link.timestamp);
  }
  for (int attempt = 0; attempt < attempts_while_others_write; ++attempt) {
    const Result<std::optional<VerifyOutcome>> outcome = try_once(*proven, client);
    if (!outcome) return tl::make_unexpected(outcome.error());
    if (*outcome) return **outcome;
  }
  return fail(ErrorCode::unavailable, "the account keeps changing");
}

Result<VerifyEmail::ProvenLink> VerifyEmail::prove_signature(const Link& link) {
  const Result<Claims> claims = claims_of(link);
  if (!claims) return tl::make_unexpected(claims.error());
  const SignatureForm form = form_of_signature(link.signature);

  if (form == SignatureForm::ed25519 && policy_.accept_ed25519) {
    auto proof = prove_ed25519(ports_.keys, Purpose::register_email, link);
    if (!proof) return tl::make_unexpected(proof.error());
    return ProvenLink{link, *claims, std::move(proof->keys), proof->signature};
  }
  if (form == SignatureForm::django && policy_.accept_django) {
    const std::shared_ptr<const LinkKeySet> keys = ports_.keys.current();
    for (const DjangoSigner& signer : keys->django) {
      if (signer.verifies(link)) return ProvenLink{link, *claims, keys, std::nullopt};
    }
    return fail(ErrorCode::signature_invalid, "no django secret made this signature");
  }
  return fail(ErrorCode::signature_invalid, "not the form of an accepted scheme");
}

/// One reading of everything, and the write. Nothing: something changed in between, read again.
Result<std::optional<VerifyOutcome>> VerifyEmail::try_once(const ProvenLink& proven,
                                                           const std::optional<IpAddress>& client) {
  const Result<Account> account = find_account(proven.claims);
  if (!account) return tl::make_unexpected(account.error());
  if (account->email == proven.link.email) return VerifyOutcome::already_verified;

  const Result<void> unused = proven.state ? check_change_record(proven, *account) : check_not_remembered(proven);
  if (!unused) {
    // The account was read before the record: a press of the same link may have been applied in between.
    const Result<Account> by_now = find_account(proven.claims);
    if (by_now && by_now->email == proven.link.email) return VerifyOutcome::already_verified;
    return tl::make_unexpected(unused.error());
  }

  const Result<ApplyResult> applied = apply(proven, *account, client);
  if (!applied) return tl::make_unexpected(applied.error());
  switch (*applied) {
    case ApplyResult::applied: break;
    case ApplyResult::stale: return std::optional<VerifyOutcome>{};
    case ApplyResult::link_used: return fail(ErrorCode::link_used, "used by a request at the same time");
    case ApplyResult::link_cancelled: return fail(ErrorCode::link_cancelled, "signed before a change was undone");
    case ApplyResult::change_undone: return fail(ErrorCode::change_undone, "signed before its change was undone");
    case ApplyResult::email_taken: return fail(ErrorCode::email_already_registered, "another account has the address");
  }
  if (ports_.email_changed) {
    ports_.email_changed(
        {EmailChange::Reason::verified, account->id, account->email, proven.link.email, ports_.clock.now()});
  }
  return VerifyOutcome::verified;
}

Result<Account> VerifyEmail::find_account(const Claims& claims) {
  auto account = ports_.accounts.find_account(claims.user_id);
  if (!account) return tl::make_unexpected(account.error());
  if (!*account) return fail(ErrorCode::user_not_found, "no account has this id");
  if (policy_.require_active && !(*account)->active) return fail(ErrorCode::user_not_found, "the account is inactive");
  return std::move(**account);
}

/// What the record of this version, and the account of today, say against the link.
Result<void> VerifyEmail::check_change_record(const ProvenLink& proven, const Account& account) {
  const auto record = ports_.accounts.find_change(account.id, proven.state->link_version);
  if (!record) return tl::make_unexpected(record.error());
  if (!*record) return fail(ErrorCode::link_superseded, "no record of this version: pruned, or lost");
  if (const Result<void> open = refuse_by_outcome((*record)->outcome); !open) return open;
  if ((*record)->new_email != proven.link.email)
    return fail(ErrorCode::link_superseded, "the version is for another address");
  if ((*record)->old_email != account.email)
    return fail(ErrorCode::link_superseded, "another address was in force when it was asked for");

  if (policy_.latest_only) {
    const Result<LinkState> state = ports_.accounts.link_state(account.id);
    if (!state) return tl::make_unexpected(state.error());
    // An open change of an older version: asked for while latest_only was off.
    if (state->version != proven.state->link_version)
      return fail(ErrorCode::link_superseded, "not the version in force");
  }
  const SigningKey* key = proven.keys->ring.find(proven.state->key_id);
  if (key == nullptr) return fail(ErrorCode::signature_invalid, "the key went away");
  if (key->state_digest({account.id, account.email, account.credential}) != proven.state->state_digest) {
    return fail(ErrorCode::link_superseded, "address or credential changed since the link was signed");
  }
  return {};
}

Result<void> VerifyEmail::check_not_remembered(const ProvenLink& proven) {
  if (!policy_.one_time_use) return {};
  const Result<bool> remembered = ports_.accounts.is_link_remembered(fingerprint_of(proven.link));
  if (!remembered) return tl::make_unexpected(remembered.error());
  if (*remembered) return fail(ErrorCode::link_used, "the django link was used before");
  return {};
}

Result<ApplyResult> VerifyEmail::apply(const ProvenLink& proven, const Account& account,
                                       const std::optional<IpAddress>& client) {
  ChangeToApply change;
  change.account_id = account.id;
  change.current_email = account.email;
  change.credential = account.credential;
  change.new_email = proven.link.email;
  change.email_key = rules_.uniqueness_key(proven.link.email);
  change.require_active = policy_.require_active ? RequireActive::yes : RequireActive::no;
  change.latest_only = policy_.latest_only ? LatestOnly::yes : LatestOnly::no;
  if (ports_.order_event) change.event = ports_.order_event(EmailChange::Reason::verified);
  change.origin = {client, proven.state ? encode_hex(proven.state->key_id) : "django"};
  change.now = ports_.clock.now();
  if (ports_.order_notice) change.notice = ports_.order_notice(account);
  if (proven.state) {
    change.link_version = proven.state->link_version;
    return ports_.accounts.apply(change);
  }
  change.signed_at = proven.claims.issued_at;
  if (policy_.one_time_use) {
    change.remember = {fingerprint_of(proven.link), expires_at(proven.claims.issued_at, policy_.period)};
  }
  return ports_.accounts.apply(change);
}

}  // namespace waxseal::server
