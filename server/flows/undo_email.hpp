#pragma once
/// @file undo_email.hpp
/// "This wasn't me": the owner of the old address takes a change back.

#include <functional>
#include <string_view>

#include <waxseal/server/email_change.hpp>

#include "flows/link_policy.hpp"
#include "ports/account_store.hpp"
#include "ports/clock.hpp"
#include "ports/link_keys.hpp"
#include "ports/random_source.hpp"

namespace waxseal::server {

class UndoEmail {
 public:
  struct Ports {
    AccountStore& accounts;
    LinkKeys& keys;
    const Clock& clock;
    RandomSource& random;
    std::function<void()> mail_was_queued = {};                  ///< Wakes the mail worker. May be empty.
    std::function<void(const EmailChange&)> email_changed = {};  ///< May be empty. Does not throw.
    OrderEvent order_event = {};                                 ///< May be empty: nobody is told by an event.
  };

  /// @param policy, rules  Outlive the flow.
  UndoEmail(const LinkPolicy& policy, const EmailRules& rules, Ports ports)
      : policy_(policy), rules_(rules), ports_(std::move(ports)) {}

  /// Checks signature and age; the rest is the store's, in one transaction: a change that waits is cancelled; after an
  /// applied one the old address is in force again, whatever address or password the account has by now. Works once.
  /// @param link      As it stood in the request; its address is the old one.
  /// @param language  Of the mails that tell of it, BCP 47.
  /// @param client    As in VerifyEmail::verify.
  /// Fails with:  signature_invalid, signature_expired, user_not_found, link_superseded (no record), change_undone,
  ///              link_cancelled, email_already_registered, unavailable, internal (all ErrorCode)
  Result<void> undo(const Link& link, std::string_view language, const std::optional<IpAddress>& client = std::nullopt);

 private:
  NoticeOrder notice_order(std::string_view language);
  Result<void> conclude(const ChangeToUndo& change, const UndoAnswer& answer);

  const LinkPolicy& policy_;
  const EmailRules& rules_;
  Ports ports_;
};

}  // namespace waxseal::server
