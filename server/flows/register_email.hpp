#pragma once
/// @file register_email.hpp
/// A signed-in person asks for another address.

#include <functional>
#include <string>
#include <string_view>

#include <waxseal/server/email_change.hpp>

#include "flows/limits.hpp"
#include "flows/link_policy.hpp"
#include "ports/account_store.hpp"
#include "ports/clock.hpp"
#include "ports/random_source.hpp"

namespace waxseal::server {

class RegisterEmail {
 public:
  struct Ports {
    AccountStore& accounts;
    const Clock& clock;
    RandomSource& random;
    std::function<void()> mail_was_queued = {};                  ///< Wakes the mail worker. May be empty.
    std::function<void(const EmailChange&)> email_changed = {};  ///< May be empty. Does not throw.
    OrderEvent order_event = {};                                 ///< May be empty: nobody is told by an event.
  };

  /// @param policy, limits, rules  Outlive the flow.
  RegisterEmail(const LinkPolicy& policy, const LimitPolicy& limits, const EmailRules& rules, Ports ports)
      : policy_(policy), limits_(limits), rules_(rules), ports_(std::move(ports)) {}

  /// Queues the mail that proves the address, durably, before it returns. The answer is the same whether the address is
  /// taken: the mail says which. With verification off the address changes at once. Either way the address in force is
  /// told, if the policy wants it and it can be mailed.
  /// @param email     Accepted by the rules.
  /// @param language  Of the mails, BCP 47.
  /// @param client    Whose request it is, for the limits and the audit.
  /// Fails with:  ErrorCode::email_already_registered  verification is off and another account has the address
  ///              ErrorCode::user_not_found            the account went away meanwhile
  ///              ErrorCode::rate_limited              a limit is reached: nothing was done, and nothing was charged
  ///              ErrorCode::unavailable, ErrorCode::internal
  tl::expected<void, RequestRefusal> request(const Account& account, const EmailAddress& email,
                                             std::string_view language, const IpAddress& client);

  /// What tells the address in force of a change, or nothing where it is not to be told.
  std::optional<NoticeOrder> notice_to(const Account& account, std::string_view language);

 private:
  tl::expected<void, RequestRefusal> queue_mail(const Account& account, const EmailAddress& email,
                                                std::string_view language, const ChangeOrigin& origin,
                                                std::vector<LimitCharge> limits);
  Result<void> change_at_once(Account account, const EmailAddress& email, std::string_view language,
                              const ChangeOrigin& origin);
  void wake_mail_worker();

  const LinkPolicy& policy_;
  const LimitPolicy& limits_;
  const EmailRules& rules_;
  Ports ports_;
};

}  // namespace waxseal::server
