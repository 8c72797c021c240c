#pragma once
/// @file verify_email.hpp
/// The press of the button: a link comes back, and the address changes if everything about it holds.

#include <functional>

#include <waxseal/server/email_change.hpp>

#include "flows/link_policy.hpp"
#include "ports/account_store.hpp"
#include "ports/clock.hpp"
#include "ports/link_keys.hpp"

namespace waxseal::server {

enum class VerifyOutcome {
  verified,          ///< The address changed now.
  already_verified,  ///< It is the current one already: a second press is no error.
};

class VerifyEmail {
 public:
  struct Ports {
    AccountStore& accounts;
    LinkKeys& keys;
    const Clock& clock;
    std::function<void(const EmailChange&)> email_changed = {};  ///< May be empty. Does not throw.
    OrderEvent order_event = {};                                 ///< May be empty: nobody is told by an event.
    /// The notice to the address that is given up, sent unless the request's own is still young: see `notice_holds`. May be
    /// empty: nobody is told.
    std::function<std::optional<NoticeOrder>(const Account&)> order_notice = {};
  };

  /// @param policy, rules  Outlive the flow.
  VerifyEmail(const LinkPolicy& policy, const EmailRules& rules, Ports ports)
      : policy_(policy), rules_(rules), ports_(std::move(ports)) {}

  /// Checks in the order of the contract, cheapest first: signature, expiry, account, change record, uniqueness; then
  /// applies in one guarded transaction.
  /// @param link    As it stood in the request; its address was accepted by the rules.
  /// @param client  Who sent it, for the audit; nothing: nobody did.
  /// Fails with:  signature_invalid, signature_expired, user_not_found, link_cancelled, change_undone, link_used,
  ///              link_superseded, email_already_registered, unavailable, internal (all ErrorCode)
  Result<VerifyOutcome> verify(const Link& link, const std::optional<IpAddress>& client = std::nullopt);

 private:
  /// What the signature proves. ed25519 links carry the state in which they were signed, django links none.
  struct ProvenLink {
    Link link;
    Claims claims;
    std::shared_ptr<const LinkKeySet> keys;
    std::optional<VerifiedSignature> state;
  };
  Result<ProvenLink> prove_signature(const Link& link);
  Result<Account> find_account(const Claims& claims);
  Result<void> check_change_record(const ProvenLink& proven, const Account& account);
  Result<void> check_not_remembered(const ProvenLink& proven);
  Result<ApplyResult> apply(const ProvenLink& proven, const Account& account, const std::optional<IpAddress>& client);
  Result<std::optional<VerifyOutcome>> try_once(const ProvenLink& proven, const std::optional<IpAddress>& client);

  const LinkPolicy& policy_;
  const EmailRules& rules_;
  Ports ports_;
};

}  // namespace waxseal::server
