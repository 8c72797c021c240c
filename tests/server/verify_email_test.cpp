// The press of the button, in the order of the checks.

#include "flows/verify_email.hpp"

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

/// Ada's site where links of both schemes pass.
struct MovingSite : AdasSite {
  MovingSite() {
    policy.accept_django = true;
    keys.in_force = link_keys({1}, {"current secret", "older secret"});
  }
};

std::string with_last_changed(std::string text) {
  text.back() = text.back() == 'A' ? 'B' : 'A';
  return text;
}

}  // namespace

TEST_CASE_METHOD(AdasSite, "A press changes the address") {
  CHECK(press(ask_for_link("1", "b@x.example")) == "verified");
  CHECK(email_of("1") == "b@x.example");
}

TEST_CASE_METHOD(AdasSite, "threat 8: until the press the old address stays in force") {
  ask("1", "b@x.example");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(AdasSite, "A second press says that the address is verified already") {
  const Link pressed = ask_for_link("1", "b@x.example");
  press(pressed);
  CHECK(press(pressed) == "already-verified");
  clock.advance(week);
  CHECK(press(pressed) == "already-verified");
}

TEST_CASE_METHOD(AdasSite, "A link whose signature is no longer the one signed is refused") {
  const Link genuine = ask_for_link("1", "b@x.example");
  Link altered = genuine;
  altered.email = "mallory@x.example";
  CHECK(press(altered) == "signature-invalid");
  altered = genuine;
  altered.email = "B@x.example";
  CHECK(press(altered) == "signature-invalid");
  altered = genuine;
  altered.user_id = "2";
  CHECK(press(altered) == "signature-invalid");
  altered = genuine;
  altered.timestamp = std::to_string(to_unix_s(clock.now()) + 1);
  CHECK(press(altered) == "signature-invalid");
  altered = genuine;
  altered.timestamp = "0" + genuine.timestamp;
  CHECK(press(altered) == "signature-invalid");
  altered = genuine;
  altered.signature = with_last_changed(genuine.signature);
  CHECK(press(altered) == "signature-invalid");
  altered.signature = genuine.signature.substr(0, genuine.signature.size() - 4);
  CHECK(press(altered) == "signature-invalid");
  altered.signature.clear();
  CHECK(press(altered) == "signature-invalid");
  CHECK(email_of("1") == "a@x.example");
  CHECK(press(genuine) == "verified");
}

TEST_CASE_METHOD(AdasSite, "threat 4: a link that was signed for another purpose is refused") {
  ask("1", "b@x.example");
  const LinkVersion version = store.link_state("1").value().version;
  const SigningKey& key = *keys.in_force->ring.newest();
  const StateDigest digest = key.state_digest({"1", "a@x.example", ""});
  const Claims claims{"1", "b@x.example", clock.now()};
  Link link{"1", "b@x.example", to_text(clock.now()), ""};
  for (const StateDigest& signed_digest : {digest, StateDigest{}}) {
    link.signature = encode_signature(key.sign(Purpose::undo_email, claims, version, signed_digest));
    CHECK(press(link) == "signature-invalid");
  }
  link.signature = encode_signature(key.sign(Purpose::register_email, claims, version, digest));
  CHECK(press(link) == "verified");
}

TEST_CASE_METHOD(AdasSite, "A link holds to the last second of its period") {
  const Link pressed = ask_for_link("1", "b@x.example");
  clock.advance(week);
  CHECK(press(pressed) == "verified");
}

TEST_CASE_METHOD(AdasSite, "A link is expired a second after its period") {
  const Link pressed = ask_for_link("1", "b@x.example");
  clock.advance(week + seconds{1});
  CHECK(press(pressed) == "signature-expired");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(AdasSite, "The period is the policy's at the time of the press") {
  const Link pressed = ask_for_link("1", "b@x.example");
  clock.advance(seconds{61});
  policy.period = seconds{60};
  CHECK(press(pressed) == "signature-expired");
  policy.period = seconds{61};
  CHECK(press(pressed) == "verified");
}

TEST_CASE_METHOD(AdasSite, "A link of an account that is not there is refused") {
  const Account stranger{"9", "s@x.example", true, {}};
  CHECK(press(issuer.issue_ed25519(stranger, "b@x.example", 1, clock.now()).value().link) == "user-not-found");
}

TEST_CASE_METHOD(AdasSite, "threat 27: a link of an inactive account is refused as if there were none") {
  const Link pressed = ask_for_link("1", "b@x.example");
  store.set_active("1", false);
  CHECK(press(pressed) == "user-not-found");
  CHECK(email_of("1") == "a@x.example");
  store.set_active("1", true);
  CHECK(press(pressed) == "verified");
}

TEST_CASE_METHOD(AdasSite, "Without require_active an inactive account's address changes") {
  policy.require_active = false;
  const Link pressed = ask_for_link("1", "b@x.example");
  store.set_active("1", false);
  CHECK(press(pressed) == "verified");
}

TEST_CASE_METHOD(AdasSite, "After a newer request for another address only the newest link works") {
  const Link first = ask_for_link("1", "b@x.example");
  const Link second = ask_for_link("1", "c@x.example");
  CHECK(press(first) == "link-superseded");
  CHECK(email_of("1") == "a@x.example");
  CHECK(press(second) == "verified");
  CHECK(email_of("1") == "c@x.example");
}

TEST_CASE_METHOD(AdasSite, "Every copy of a mail for the same address works") {
  const Link first = ask_for_link("1", "b@x.example");
  clock.advance(seconds{10});
  const Link second = ask_for_link("1", "b@x.example");
  CHECK(first.signature != second.signature);
  CHECK(press(first) == "verified");
  CHECK(press(second) == "already-verified");
}

TEST_CASE_METHOD(AdasSite, "threat 7: an older link cannot undo a newer change") {
  const Link to_b = ask_for_link("1", "b@x.example");
  REQUIRE(press(to_b) == "verified");
  REQUIRE(press(ask_for_link("1", "c@x.example")) == "verified");
  CHECK(press(to_b) == "link-used");
  CHECK(email_of("1") == "c@x.example");
}

TEST_CASE_METHOD(AdasSite, "A link that was superseded stays so after the newer change was applied") {
  const Link to_b = ask_for_link("1", "b@x.example");
  REQUIRE(press(ask_for_link("1", "c@x.example")) == "verified");
  CHECK(press(to_b) == "link-superseded");
}

TEST_CASE_METHOD(AdasSite, "A change and back again leaves no older link that works") {
  const Link to_b = ask_for_link("1", "b@x.example");
  REQUIRE(press(to_b) == "verified");
  const Link back = ask_for_link("1", "a@x.example");
  REQUIRE(press(back) == "verified");
  CHECK(press(to_b) == "link-used");
  const Link to_b_again = ask_for_link("1", "b@x.example");
  CHECK(press(to_b) == "link-used");
  CHECK(press(to_b_again) == "verified");
  CHECK(press(back) == "link-used");
}

TEST_CASE_METHOD(AdasSite, "Without latest_only an older request's link works while the address is the same") {
  policy.latest_only = false;
  const Link first = ask_for_link("1", "b@x.example");
  const Link second = ask_for_link("1", "c@x.example");
  CHECK(press(first) == "verified");
  CHECK(press(second) == "link-superseded");
  CHECK(email_of("1") == "b@x.example");
}

TEST_CASE_METHOD(AdasSite, "When latest_only is switched on the older links that were open are superseded") {
  policy.latest_only = false;
  const Link first = ask_for_link("1", "b@x.example");
  const Link second = ask_for_link("1", "c@x.example");
  policy.latest_only = true;
  CHECK(press(first) == "link-superseded");
  CHECK(press(second) == "verified");
}

TEST_CASE_METHOD(AdasSite, "threat 5: a link dies when the credential changes and lives when it changes back") {
  store.set_credential("1", "old hash");
  const Link pressed = ask_for_link("1", "b@x.example");
  store.set_credential("1", "new hash");
  CHECK(press(pressed) == "link-superseded");
  CHECK(email_of("1") == "a@x.example");
  store.set_credential("1", "old hash");
  CHECK(press(pressed) == "verified");
}

TEST_CASE_METHOD(AdasSite,
                 "threat 6: a link dies when the address changes by another road, whoever has the old one then") {
  const Link pressed = ask_for_link("1", "b@x.example");
  store.set_email("1", "elsewhere@x.example");
  add("2", "a2@x.example");
  store.set_email("2", "a@x.example");
  CHECK(press(pressed) == "link-superseded");
  CHECK(email_of("1") == "elsewhere@x.example");
  CHECK(email_of("2") == "a@x.example");
}

TEST_CASE_METHOD(AdasSite, "A link without a record is superseded, even with the version and the state of today") {
  const Link pressed = issuer.issue_ed25519(account("1"), "b@x.example", 5, clock.now()).value().link;
  CHECK(press(pressed) == "link-superseded");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(AdasSite, "A link for one address does not pass for the record of another") {
  ask("1", "b@x.example");
  const LinkVersion version = store.link_state("1").value().version;
  const Link pressed = issuer.issue_ed25519(account("1"), "c@x.example", version, clock.now()).value().link;
  CHECK(press(pressed) == "link-superseded");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(AdasSite, "A link to an address that another account took meanwhile is refused and stays open") {
  const Link pressed = ask_for_link("1", "b@x.example");
  add("2", "B@X.example");
  CHECK(press(pressed) == "email-already-registered");
  CHECK(email_of("1") == "a@x.example");
  ChangeToApply given_up;
  given_up.account_id = "2";
  given_up.current_email = "B@X.example";
  given_up.new_email = "c@x.example";
  given_up.email_key = "c@x.example";
  REQUIRE(store.apply(given_up) == ApplyResult::applied);
  CHECK(press(pressed) == "verified");
}

TEST_CASE_METHOD(AdasSite, "Where addresses need not be unique a taken one is no obstacle") {
  policy.email_unique = false;
  add("2", "b@x.example");
  CHECK(press(ask_for_link("1", "b@x.example")) == "verified");
}

TEST_CASE_METHOD(AdasSite, "Exact matching lets spellings of one address be two") {
  policy.email_match = EmailMatch::exact;
  add("2", "B@x.example");
  CHECK(press(ask_for_link("1", "b@x.example")) == "verified");
}

TEST_CASE_METHOD(AdasSite, "The checks come in the order of the contract") {
  Link pressed = ask_for_link("1", "b@x.example");
  const Link newer = ask_for_link("1", "c@x.example");
  add("2", "c@x.example");
  clock.advance(week + seconds{1});
  store.set_active("1", false);
  Link forged = newer;
  forged.signature = with_last_changed(forged.signature);
  CHECK(press(forged) == "signature-invalid");   // although it is expired, too
  CHECK(press(pressed) == "signature-expired");  // although the account is inactive
  clock.advance(-week);
  CHECK(press(pressed) == "user-not-found");  // although it is superseded
  store.set_active("1", true);
  CHECK(press(pressed) == "link-superseded");
  CHECK(press(newer) == "email-already-registered");
  store.set_email("1", "b@x.example");
  CHECK(press(pressed) == "already-verified");  // although it is superseded
  store.set_credential("1", "changed");
  CHECK(press(newer) == "link-superseded");  // although the address is taken
}

TEST_CASE_METHOD(AdasSite, "After a rotation old links still verify and new ones are of the new key") {
  const Link old_link = ask_for_link("1", "b@x.example");
  keys.in_force = link_keys({1, 2});
  const Link new_link = link("1");
  CHECK(decode_signature(new_link.signature)->key_id == numbered_key(2).public_key().id());
  CHECK(press(old_link) == "verified");
  CHECK(press(new_link) == "already-verified");
  CHECK(keys.second_readings == 0);
}

TEST_CASE_METHOD(AdasSite, "A link of a key that was retired is refused") {
  const Link old_link = ask_for_link("1", "b@x.example");
  keys.in_force = link_keys({2});
  CHECK(press(old_link) == "signature-invalid");
  CHECK(keys.second_readings == 1);
}

TEST_CASE_METHOD(AdasSite, "A key that only another node knew is read once and its link works") {
  ask("1", "b@x.example");
  keys.in_force = link_keys({1, 2});
  const Link of_new_key = link("1");
  keys.in_force = link_keys({1});
  keys.on_disk = link_keys({1, 2});
  CHECK(press(of_new_key) == "verified");
  CHECK(keys.second_readings == 1);
  CHECK(press(of_new_key) == "already-verified");
  CHECK(keys.second_readings == 1);
}

TEST_CASE_METHOD(AdasSite, "A forged link of a known key does not make the keys be read again") {
  Link forged = ask_for_link("1", "b@x.example");
  forged.email = "mallory@x.example";
  press(forged);
  forged.signature = "short";
  press(forged);
  CHECK(keys.second_readings == 0);
}

TEST_CASE_METHOD(AdasSite, "A scheme that is not accepted is refused although its keys are there") {
  keys.in_force = link_keys({1}, {"secret"});
  CHECK(press(django_link("1", "b@x.example")) == "signature-invalid");
  const Link of_ed25519 = ask_for_link("1", "b@x.example");
  policy.accept_ed25519 = false;
  policy.accept_django = true;
  CHECK(press(of_ed25519) == "signature-invalid");
  CHECK(keys.second_readings == 0);
  CHECK(press(django_link("1", "b@x.example")) == "verified");
}

TEST_CASE_METHOD(MovingSite, "A django link works without a request of ours, once") {
  const Link pressed = django_link("1", "b@x.example");
  CHECK(press(pressed) == "verified");
  CHECK(press(pressed) == "already-verified");
  REQUIRE(press(ask_for_link("1", "c@x.example")) == "verified");
  CHECK(press(pressed) == "link-used");
  CHECK(email_of("1") == "c@x.example");
}

TEST_CASE_METHOD(MovingSite, "A django link is tried with every secret and refused with another one") {
  for (const char* secret : {"current secret", "older secret"}) {
    Link pressed{"1", std::string{secret}.substr(0, 5) + "@x.example", to_text(clock.now()), ""};
    pressed.signature = DjangoSigner::create(secret)->sign(pressed);
    CHECK(press(pressed) == "verified");
  }
  Link forged{"1", "b@x.example", to_text(clock.now()), ""};
  forged.signature = DjangoSigner::create("another secret")->sign(forged);
  CHECK(press(forged) == "signature-invalid");
}

TEST_CASE_METHOD(MovingSite, "A django link expires and its account must be there and active") {
  const Link pressed = django_link("1", "b@x.example");
  CHECK(press(django_link("9", "b@x.example")) == "user-not-found");
  store.set_active("1", false);
  CHECK(press(pressed) == "user-not-found");
  clock.advance(week + seconds{1});
  CHECK(press(pressed) == "signature-expired");
}

TEST_CASE_METHOD(MovingSite, "A django link to a taken address is refused and not used up") {
  add("2", "b@x.example");
  const Link pressed = django_link("1", "b@x.example");
  CHECK(press(pressed) == "email-already-registered");
  REQUIRE(press(django_link("2", "c@x.example")) == "verified");
  CHECK(press(pressed) == "verified");
}

TEST_CASE_METHOD(MovingSite, "Without one_time_use a django link works again within its period") {
  policy.one_time_use = false;
  const Link pressed = django_link("1", "b@x.example");
  CHECK(press(pressed) == "verified");
  CHECK(press(django_link("1", "c@x.example")) == "verified");
  CHECK(press(pressed) == "verified");
  CHECK(email_of("1") == "b@x.example");
}

TEST_CASE_METHOD(MovingSite, "A change by a django link voids the pending one") {
  const Link pending = ask_for_link("1", "b@x.example");
  REQUIRE(press(django_link("1", "c@x.example")) == "verified");
  CHECK(press(pending) == "link-superseded");
}
