#pragma once
/// @file site.hpp
/// A whole site on memory adapters and a clock that stands still: people ask, mails go out, buttons are pressed.

#include <string>

#include <waxseal/link.hpp>

#include "adapters/idn/libidn2_encoder.hpp"
#include "adapters/memory/memory_store.hpp"
#include "flows/link_issuer.hpp"
#include "flows/register_email.hpp"
#include "flows/undo_email.hpp"
#include "flows/verify_email.hpp"
#include "support/counting_random.hpp"
#include "support/fixed_clock.hpp"
#include "support/fixed_link_keys.hpp"
#include "support/must.hpp"

namespace waxseal::test {

struct Site {
  /// Notices are off where a test is not about them: it counts mails.
  Site() {
    policy.verification_url = "https://app.example/verify/";
    policy.notify_old_address = false;
    policy.undo_url = "https://app.example/undo/";
  }

  void add(const std::string& id, const std::string& email, bool active = true) {
    must(store.add_account({id, email, rules.uniqueness_key(email), active}));
  }
  server::Account account(const std::string& id) { return store.find_account(id).value().value(); }
  std::string email_of(const std::string& id) { return account(id).email; }

  /// A signed-in person asks for an address. "ok", or the wire name of the refusal.
  std::string ask(const std::string& id, const std::string& email) {
    const auto asked = register_email.request(account(id), rules.parse(email).value(), "en", server::IpAddress{});
    return asked ? "ok" : std::string{wire_name(asked.error().code)};
  }

  /// The link of the account's pending change, as a mail sent now would hold it.
  Link link(const std::string& id) {
    const server::LinkState state = store.link_state(id).value();
    return issuer.issue_ed25519(account(id), state.pending_email.value(), state.version, clock.now()).value().link;
  }
  Link ask_for_link(const std::string& id, const std::string& email) {
    ask(id, email);
    return link(id);
  }
  Link django_link(const std::string& id, const std::string& email) {
    return issuer.issue_django(id, email, clock.now()).value().link;
  }

  /// The button under a link. "verified", "already-verified", or the wire name of the refusal.
  std::string press(const Link& pressed) {
    const auto outcome = verify_email.verify(pressed);
    if (!outcome) return std::string{wire_name(outcome.error().code)};
    return *outcome == server::VerifyOutcome::verified ? "verified" : "already-verified";
  }

  /// The link in the notice to the address that was in force when the account's newest request was made.
  Link undo_link(const std::string& id) { return undo_link(id, store.link_state(id).value().version); }
  Link undo_link(const std::string& id, LinkVersion version) {
    const std::string old_email = store.find_change(id, version).value().value().old_email;
    return issuer.issue_undo(id, old_email, version, clock.now()).value().value().link;
  }

  /// The button under an undo link. "undone", or the wire name of the refusal.
  std::string press_undo(const Link& pressed) {
    const auto undone = undo_email.undo(pressed, "en");
    return undone ? "undone" : std::string{wire_name(undone.error().code)};
  }

  server::LinkPolicy policy;
  server::LimitPolicy limits;  ///< None, until a test sets some.
  server::Libidn2Encoder encoder;
  server::EmailRules rules{policy, encoder};
  FixedClock clock;
  CountingRandom random;
  FixedLinkKeys keys;
  server::MemoryStore store;
  int wake_ups = 0;
  server::LinkIssuer issuer{policy, keys};
  server::RegisterEmail register_email{policy, limits, rules, {store, clock, random, [this] { ++wake_ups; }}};
  std::vector<server::EmailChange> news;  ///< Of what the flows changed.
  std::function<void(const server::EmailChange&)> note = [this](const server::EmailChange& change) {
    news.push_back(change);
  };
  server::VerifyEmail verify_email{
      policy, rules, {store, keys, clock, note, {}, [this](const server::Account& account) {
                        return register_email.notice_to(account, "en");
                      }}};
  server::UndoEmail undo_email{policy, rules, {store, keys, clock, random, [this] { ++wake_ups; }, note}};
};

}  // namespace waxseal::test
