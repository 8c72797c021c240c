// The press of the button on a storage that changes under it, or that does not answer.

#include "flows/verify_email.hpp"

#include <functional>

#include "site.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// A memory store that lets the test step in just before each guarded write, and that can be made to fail.
class InterruptedStore final : public AccountStore {
 public:
  explicit InterruptedStore(MemoryStore& store) : store_(store) {}

  Result<std::optional<Account>> find_account(std::string_view id) override {
    return answered([&] { return store_.find_account(id); });
  }
  Result<std::optional<Account>> find_account_by_token(std::string_view token) override {
    return answered([&] { return store_.find_account_by_token(token); });
  }
  Result<LinkState> link_state(std::string_view id) override {
    return answered([&] { return store_.link_state(id); });
  }
  Result<std::optional<ChangeRecord>> find_change(std::string_view id, LinkVersion version) override {
    return answered([&] { return store_.find_change(id, version); });
  }
  Result<bool> is_link_remembered(const ByteArray<32>& fingerprint) override {
    return answered([&] { return store_.is_link_remembered(fingerprint); });
  }
  tl::expected<LinkVersion, RequestRefusal> request_change(const ChangeRequest& request) override {
    return answered([&] { return store_.request_change(request); });
  }
  tl::expected<void, RequestRefusal> charge(const std::vector<LimitCharge>& limits, UnixTime now) override {
    return answered([&] { return store_.charge(limits, now); });
  }
  Result<ApplyResult> apply(const ChangeToApply& change) override {
    if (before_apply) before_apply();
    return answered([&] { return store_.apply(change); });
  }
  Result<UndoAnswer> undo(const ChangeToUndo& change) override {
    return answered([&] { return store_.undo(change); });
  }
  Result<void> check_ready() override { return {}; }

  std::function<void()> before_apply;
  int answers_left = 1000;  ///< Afterwards it is unavailable.

 private:
  template <typename Ask>
  auto answered(Ask ask) -> decltype(ask()) {
    if (answers_left-- <= 0) return fail(ErrorCode::unavailable, "the storage is away");
    return ask();
  }
  MemoryStore& store_;
};

struct InterruptedSite : Site {
  InterruptedSite() { add("1", "a@x.example"); }
  std::string press_interrupted(const Link& pressed) {
    const auto outcome = VerifyEmail{policy, rules, {interrupted, keys, clock}}.verify(pressed);
    if (!outcome) return std::string{wire_name(outcome.error().code)};
    return *outcome == VerifyOutcome::verified ? "verified" : "already-verified";
  }
  InterruptedStore interrupted{store};
};

}  // namespace

TEST_CASE_METHOD(InterruptedSite, "A request that slips in before the write supersedes the link") {
  const Link pressed = ask_for_link("1", "b@x.example");
  interrupted.before_apply = [&] { ask("1", "c@x.example"); };
  CHECK(press_interrupted(pressed) == "link-superseded");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(InterruptedSite, "A press of the same link that slips in before the write makes it verified already") {
  const Link pressed = ask_for_link("1", "b@x.example");
  interrupted.before_apply = [&] { press(pressed); };
  CHECK(press_interrupted(pressed) == "already-verified");
}

TEST_CASE_METHOD(InterruptedSite, "Another account that takes the address before the write wins it") {
  const Link pressed = ask_for_link("1", "b@x.example");
  interrupted.before_apply = [&] { add("2", "b@x.example"); };
  CHECK(press_interrupted(pressed) == "email-already-registered");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(InterruptedSite, "An account that is switched off before the write keeps its address") {
  const Link pressed = ask_for_link("1", "b@x.example");
  interrupted.before_apply = [&] { store.set_active("1", false); };
  CHECK(press_interrupted(pressed) == "user-not-found");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(InterruptedSite, "A django link that is pressed on another node before the write is applied once") {
  policy.accept_django = true;
  keys.in_force = link_keys({}, {"secret"});
  const Link pressed = django_link("1", "b@x.example");
  interrupted.before_apply = [&] {
    press(pressed);
    store.set_email("1", "a@x.example");  // so that only the remembered link tells
  };
  CHECK(press_interrupted(pressed) == "link-used");
}

TEST_CASE_METHOD(InterruptedSite,
                 "A django link starts over when the address changes before the write, then gives up") {
  policy.accept_django = true;
  keys.in_force = link_keys({}, {"secret"});
  int changes = 0;
  interrupted.before_apply = [&] {
    if (++changes <= 2) store.set_email("1", std::to_string(changes) + "@x.example");
  };
  CHECK(press_interrupted(django_link("1", "b@x.example")) == "verified");
  CHECK(changes == 3);
  interrupted.before_apply = [&] { store.set_email("1", std::to_string(++changes) + "@x.example"); };
  CHECK(press_interrupted(django_link("1", "c@x.example")) == "unavailable");
}

TEST_CASE_METHOD(InterruptedSite,
                 "A storage that is away at any point makes the press unavailable and changes nothing") {
  policy.accept_django = true;
  keys.in_force = link_keys({1}, {"secret"});
  for (const Link& pressed : {ask_for_link("1", "b@x.example"), django_link("1", "b@x.example")}) {
    int answers = 0;
    for (;; ++answers) {
      interrupted.answers_left = answers;
      const std::string outcome = press_interrupted(pressed);
      if (outcome == "verified") break;
      REQUIRE(outcome == "unavailable");
      REQUIRE(email_of("1") == "a@x.example");
      REQUIRE(answers < 20);
    }
    CHECK(answers >= 3);
    store.set_email("1", "a@x.example");
  }
}
