#include "flows/register_email.hpp"

namespace waxseal::server {
namespace {

constexpr int attempts_while_others_write = 3;
constexpr std::size_t message_token_bytes = 16;

}  // namespace

tl::expected<void, RequestRefusal> RegisterEmail::request(const Account& account, const EmailAddress& email,
                                                          std::string_view language, const IpAddress& client) {
  std::vector<LimitCharge> limits = charges_of(limits_, account, email.canonical(), client);
  const ChangeOrigin origin{client};
  if (policy_.verification_enabled) return queue_mail(account, email, language, origin, std::move(limits));
  // Charged in advance: the answer tells whether an address is taken, which nobody may ask without end.
  if (const auto charged = ports_.accounts.charge(limits, ports_.clock.now()); !charged) return charged;
  const Result<void> changed = change_at_once(account, email, language, origin);
  if (!changed) return tl::make_unexpected(RequestRefusal{changed.error()});
  return {};
}

/// The same whether the new address is free or taken: who reads the old mailbox must not learn which.
std::optional<NoticeOrder> RegisterEmail::notice_to(const Account& account, std::string_view language) {
  if (!policy_.notify_old_address || !rules_.parse_in_force(account.email)) return std::nullopt;
  return NoticeOrder{std::string{language}, ports_.random.hex(message_token_bytes)};
}

void RegisterEmail::wake_mail_worker() {
  if (ports_.mail_was_queued) ports_.mail_was_queued();
}

tl::expected<void, RequestRefusal> RegisterEmail::queue_mail(const Account& account, const EmailAddress& email,
                                                             std::string_view language, const ChangeOrigin& origin,
                                                             std::vector<LimitCharge> limits) {
  ChangeRequest request;
  request.account_id = account.id;
  request.new_email = email.text();
  request.email_key = rules_.uniqueness_key(email.text());
  request.latest_only = policy_.latest_only ? LatestOnly::yes : LatestOnly::no;
  request.mail = MailOrder{MailKind::verify_email, MailKind::email_in_use, std::string{language},
                           ports_.random.hex(message_token_bytes)};
  request.notice = notice_to(account, language);
  request.now = ports_.clock.now();
  request.limits = std::move(limits);
  request.origin = origin;
  const auto version = ports_.accounts.request_change(request);
  if (!version) return tl::make_unexpected(version.error());
  wake_mail_worker();
  return {};
}

Result<void> RegisterEmail::change_at_once(Account account, const EmailAddress& email, std::string_view language,
                                           const ChangeOrigin& origin) {
  for (int attempt = 0; attempt < attempts_while_others_write; ++attempt) {
    if (account.email == email.text() && policy_.email_unique) break;  // taken, by the asker
    ChangeToApply change;
    change.account_id = account.id;
    change.current_email = account.email;
    change.credential = account.credential;
    change.new_email = email.text();
    change.email_key = rules_.uniqueness_key(email.text());
    change.notice = notice_to(account, language);
    if (ports_.order_event) change.event = ports_.order_event(EmailChange::Reason::unverified);
    change.origin = origin;
    change.now = ports_.clock.now();
    const Result<ApplyResult> applied = ports_.accounts.apply(change);
    if (!applied) return tl::make_unexpected(applied.error());
    if (*applied == ApplyResult::applied) {
      if (change.notice) wake_mail_worker();
      if (ports_.email_changed) {
        ports_.email_changed(
            {EmailChange::Reason::unverified, account.id, account.email, change.new_email, change.now});
      }
      return {};
    }
    if (*applied == ApplyResult::email_taken) break;

    auto again = ports_.accounts.find_account(account.id);
    if (!again) return tl::make_unexpected(again.error());
    if (!*again) return fail(ErrorCode::user_not_found, "the account went away while its address was changed");
    account = std::move(**again);
    if (attempt + 1 == attempts_while_others_write) return fail(ErrorCode::unavailable, "the account keeps changing");
  }
  return fail(ErrorCode::email_already_registered, "verification is off and the address is taken");
}

}  // namespace waxseal::server
