// "This wasn't me": what the owner of the old address can take back, and what a thief cannot.

#include "flows/undo_email.hpp"

#include "site.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using std::chrono::seconds;

namespace {

constexpr seconds week{7 * 24 * 3600};

/// A site with Ada's account "1" at a@x.example.
struct AdasSite : Site {
  AdasSite() { add("1", "a@x.example"); }
};

/// Ada's site, which issues django links and has an ed25519 key for undo links alone.
struct DjangoSite : AdasSite {
  DjangoSite() {
    policy.issue = Scheme::django;
    policy.accept_django = true;
    policy.accept_ed25519 = false;
    keys.in_force = link_keys({1}, {"the secret of django"});
  }
};

}  // namespace

TEST_CASE_METHOD(AdasSite, "Before the press an undo cancels the change, and its link says so") {
  const Link to_b = ask_for_link("1", "b@x.example");
  const Link undo = undo_link("1");
  CHECK(press_undo(undo) == "undone");
  CHECK(press(to_b) == "link-cancelled");
  CHECK(email_of("1") == "a@x.example");
  CHECK(news.empty());
}

TEST_CASE_METHOD(AdasSite, "After the press an undo brings the old address back, and the link says so") {
  const Link to_b = ask_for_link("1", "b@x.example");
  const Link undo = undo_link("1");
  REQUIRE(press(to_b) == "verified");
  CHECK(press_undo(undo) == "undone");
  CHECK(email_of("1") == "a@x.example");
  CHECK(press(to_b) == "change-undone");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(AdasSite, "threat 30: a thief who changed the address twice and the password too is undone") {
  store.set_credential("1", "the owner's password");
  const Link to_b = ask_for_link("1", "b@x.example");
  const Link owners_undo = undo_link("1");
  REQUIRE(press(to_b) == "verified");
  const Link to_c = ask_for_link("1", "c@x.example");
  const Link thiefs_undo = undo_link("1");
  REQUIRE(press(to_c) == "verified");
  store.set_credential("1", "the thief's password");
  const Link to_d = ask_for_link("1", "d@x.example");
  const Link thiefs_last_undo = undo_link("1");

  CHECK(press_undo(owners_undo) == "undone");
  CHECK(email_of("1") == "a@x.example");
  CHECK(press_undo(thiefs_undo) == "change-undone");
  CHECK(press_undo(thiefs_last_undo) == "link-cancelled");
  CHECK(press(to_b) == "change-undone");
  CHECK(press(to_c) == "change-undone");
  CHECK(press(to_d) == "link-cancelled");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(AdasSite, "A thief cannot undo what the owner undid by asking and undoing anew") {
  REQUIRE(press(ask_for_link("1", "b@x.example")) == "verified");
  ask("1", "c@x.example");
  const Link thiefs_undo = undo_link("1");  // would bring b@ back
  REQUIRE(press_undo(undo_link("1", store.link_state("1")->version - 2)) == "undone");
  REQUIRE(email_of("1") == "a@x.example");
  ask("1", "c@x.example");
  CHECK(press_undo(thiefs_undo) == "link-cancelled");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(AdasSite, "An undo link works once, and a second press says what became of the change") {
  ask("1", "b@x.example");
  const Link of_waiting = undo_link("1");
  REQUIRE(press_undo(of_waiting) == "undone");
  CHECK(press_undo(of_waiting) == "link-cancelled");
  const Link to_c = ask_for_link("1", "c@x.example");
  const Link of_applied = undo_link("1");
  REQUIRE(press(to_c) == "verified");
  REQUIRE(press_undo(of_applied) == "undone");
  CHECK(press_undo(of_applied) == "change-undone");
}

TEST_CASE_METHOD(AdasSite, "After an undo the owner can change the address as before") {
  ask("1", "b@x.example");
  REQUIRE(press_undo(undo_link("1")) == "undone");
  CHECK(press(ask_for_link("1", "b@x.example")) == "verified");
  CHECK(email_of("1") == "b@x.example");
}

TEST_CASE_METHOD(AdasSite, "Who wants to know hears of an undone change, and the mail worker is woken") {
  const Link to_b = ask_for_link("1", "b@x.example");
  const Link undo = undo_link("1");
  press(to_b);
  news.clear();
  wake_ups = 0;
  REQUIRE(press_undo(undo) == "undone");
  REQUIRE(news.size() == 1);
  CHECK(news[0].reason == EmailChange::Reason::undone);
  CHECK(news[0].account_id == "1");
  CHECK(news[0].old_email == "b@x.example");
  CHECK(news[0].new_email == "a@x.example");
  CHECK(news[0].at == clock.now());
  CHECK(wake_ups == 1);
}

TEST_CASE_METHOD(AdasSite, "threat 4: a link of one purpose never passes for the other") {
  const Link to_b = ask_for_link("1", "b@x.example");
  const Link undo = undo_link("1");
  const Link back_to_a = ask_for_link("1", "a@x.example");  // the same values as an undo link
  CHECK(press(undo) == "signature-invalid");
  CHECK(press_undo(to_b) == "signature-invalid");
  CHECK(press_undo(back_to_a) == "signature-invalid");
  CHECK(press_undo(undo) == "undone");
}

TEST_CASE_METHOD(AdasSite, "An undo link whose signature is no longer the one signed is refused") {
  ask("1", "b@x.example");
  const Link genuine = undo_link("1");
  for (std::string Link::*field : {&Link::user_id, &Link::email, &Link::timestamp, &Link::signature}) {
    Link altered = genuine;
    (altered.*field).back() = (altered.*field).back() == '1' ? '2' : '1';
    CHECK(press_undo(altered) == "signature-invalid");
  }
  CHECK(store.link_state("1")->pending_email == "b@x.example");
  CHECK(press_undo(genuine) == "undone");
}

TEST_CASE_METHOD(AdasSite, "An undo link holds to the last second of its own period") {
  policy.undo_period = 2 * week;
  const Link to_b = ask_for_link("1", "b@x.example");
  const Link undo = undo_link("1");
  press(to_b);
  clock.advance(2 * week + seconds{1});
  CHECK(press_undo(undo) == "signature-expired");
  CHECK(email_of("1") == "b@x.example");
  clock.advance(-seconds{1});
  CHECK(press_undo(undo) == "undone");
}

TEST_CASE_METHOD(AdasSite, "An undo of an account that is not there is refused") {
  const Link undo = issuer.issue_undo("9", "a@x.example", 1, clock.now()).value().value().link;
  CHECK(press_undo(undo) == "user-not-found");
}

TEST_CASE_METHOD(AdasSite, "While an account is inactive nothing of it changes, not by an undo either") {
  const Link to_b = ask_for_link("1", "b@x.example");
  const Link undo = undo_link("1");
  press(to_b);
  store.set_active("1", false);
  CHECK(press_undo(undo) == "user-not-found");
  CHECK(email_of("1") == "b@x.example");
  policy.require_active = false;
  CHECK(press_undo(undo) == "undone");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(AdasSite, "An undo without a record is refused") {
  CHECK(press_undo(issuer.issue_undo("1", "a@x.example", 5, clock.now()).value().value().link) == "link-superseded");
}

TEST_CASE_METHOD(AdasSite, "An undo is refused when another account has the old address, in whatever spelling") {
  const Link to_b = ask_for_link("1", "b@x.example");
  const Link undo = undo_link("1");
  press(to_b);
  add("2", "A@X.example");
  CHECK(press_undo(undo) == "email-already-registered");
  CHECK(email_of("1") == "b@x.example");
}

TEST_CASE_METHOD(AdasSite, "Undo links outlive a rotation of keys, and not the retirement of theirs") {
  ask("1", "b@x.example");
  const Link undo = undo_link("1");
  keys.in_force = link_keys({2});
  CHECK(press_undo(undo) == "signature-invalid");
  keys.on_disk = link_keys({1, 2});
  CHECK(press_undo(undo) == "undone");
}

TEST_CASE_METHOD(AdasSite, "Without a page or a key there is no undo link") {
  policy.undo_url.clear();
  CHECK_FALSE(issuer.issue_undo("1", "a@x.example", 1, clock.now()).value());
  policy.undo_url = "https://app.example/undo/";
  keys.in_force = link_keys({}, {"the secret of django"});
  CHECK_FALSE(issuer.issue_undo("1", "a@x.example", 1, clock.now()).value());
}

TEST_CASE_METHOD(AdasSite, "An undo link is bound to the address, the version and nothing that a thief can change") {
  ask("1", "b@x.example");
  const auto issued = issuer.issue_undo("1", "a@x.example", store.link_state("1")->version, clock.now()).value();
  CHECK(issued->url.rfind("https://app.example/undo/?user_id=1&email=a%40x.example&timestamp=", 0) == 0);
  const auto signature = decode_signature(issued->link.signature);
  CHECK(signature->link_version == store.link_state("1")->version);
  CHECK(signature->state_digest == StateDigest{});
}

TEST_CASE_METHOD(AdasSite, "With verification off a change at once can be undone") {
  policy.verification_enabled = false;
  REQUIRE(ask("1", "b@x.example") == "ok");
  const Link owners_undo = undo_link("1");
  REQUIRE(ask("1", "c@x.example") == "ok");
  const Link thiefs_undo = undo_link("1");
  CHECK(press_undo(owners_undo) == "undone");
  CHECK(email_of("1") == "a@x.example");
  CHECK(press_undo(thiefs_undo) == "change-undone");
}

TEST_CASE_METHOD(AdasSite, "Without latest_only an undo of either request brings the old address back") {
  policy.latest_only = false;
  const Link to_b = ask_for_link("1", "b@x.example");
  ask("1", "c@x.example");
  const Link undo_of_c = undo_link("1");
  REQUIRE(press(to_b) == "verified");
  CHECK(press_undo(undo_of_c) == "undone");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(DjangoSite, "A change by a django link is undone by an ed25519 undo link") {
  ask("1", "b@x.example");
  const Link undo = undo_link("1");
  const Link to_b = django_link("1", "b@x.example");
  REQUIRE(press(to_b) == "verified");
  clock.advance(seconds{1});
  CHECK(press_undo(undo) == "undone");
  CHECK(email_of("1") == "a@x.example");
  CHECK(press(to_b) == "link-used");
  policy.one_time_use = false;
  CHECK(press(to_b) == "change-undone");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(DjangoSite, "An undo voids the django links that wait, for whatever address") {
  ask("1", "b@x.example");
  const Link undo = undo_link("1");
  const Link to_b = django_link("1", "b@x.example");
  const Link to_c = django_link("1", "c@x.example");
  clock.advance(seconds{1});
  REQUIRE(press_undo(undo) == "undone");
  CHECK(press(to_b) == "link-cancelled");
  CHECK(press(to_c) == "link-cancelled");
  clock.advance(seconds{1});
  ask("1", "b@x.example");
  CHECK(press(to_b) == "link-cancelled");
  CHECK(press(django_link("1", "b@x.example")) == "verified");
}

TEST_CASE_METHOD(DjangoSite, "A django link that is used again and again is undone with all its changes") {
  policy.one_time_use = false;
  ask("1", "b@x.example");
  const Link undo = undo_link("1");
  const Link to_b = django_link("1", "b@x.example");
  REQUIRE(press(to_b) == "verified");
  REQUIRE(press(django_link("1", "c@x.example")) == "verified");
  REQUIRE(press(to_b) == "verified");
  CHECK(press_undo(undo) == "undone");
  CHECK(email_of("1") == "a@x.example");
  CHECK(press(to_b) == "change-undone");
}

TEST_CASE_METHOD(DjangoSite, "The other scheme does not make undo links: django's signature is refused") {
  ask("1", "b@x.example");
  CHECK(press_undo(django_link("1", "a@x.example")) == "signature-invalid");
}
