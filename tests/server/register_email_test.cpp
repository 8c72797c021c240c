#include "flows/register_email.hpp"

#include "site.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

struct AdasSite : Site {
  AdasSite() { add("1", "a@x.example"); }

  std::optional<OutboxEntry> next_mail() {
    return store.claim_next(OutboxQueue::mails, clock.now(), std::chrono::hours{1}).value();
  }
};

}  // namespace

TEST_CASE_METHOD(AdasSite, "A request queues the mail to the new address and wakes who sends it") {
  CHECK(ask("1", "b@x.example") == "ok");
  const auto mail = next_mail();
  REQUIRE(mail);
  CHECK(mail->kind == MailKind::verify_email);
  CHECK(mail->address == "b@x.example");
  CHECK(mail->account_id == "1");
  CHECK(mail->language == "en");
  CHECK(mail->created_at == clock.now());
  CHECK(mail->version == store.link_state("1").value().version);
  CHECK_FALSE(next_mail());
  CHECK(wake_ups == 1);
}

TEST_CASE_METHOD(AdasSite, "A request works without anybody to wake") {
  RegisterEmail quiet{policy, limits, rules, {store, clock, random, nullptr}};
  CHECK(quiet.request(account("1"), rules.parse("b@x.example").value(), "en", IpAddress{}));
  CHECK(next_mail());
}

TEST_CASE_METHOD(AdasSite, "A request leaves the present address in force") {
  ask("1", "b@x.example");
  CHECK(email_of("1") == "a@x.example");
  CHECK(account("1").active);
}

TEST_CASE_METHOD(AdasSite, "A request for a taken address gets the same answer and another mail") {
  add("2", "b@x.example");
  CHECK(ask("1", "b@x.example") == "ok");
  CHECK(next_mail().value().kind == MailKind::email_in_use);
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(AdasSite, "A taken address is taken in every spelling that reaches the same mailbox") {
  add("2", "Bob@bücher.example");
  for (const char* spelling : {"bob@bücher.example", "BOB@xn--bcher-kva.example", "bob@BÜCHER.example"}) {
    INFO(spelling);
    CHECK(ask("1", spelling) == "ok");
    CHECK(next_mail().value().kind == MailKind::email_in_use);
  }
}

TEST_CASE_METHOD(AdasSite, "threat 11: letters that only look alike or only fold alike do not make an address taken") {
  add("2", "mıke@x.example");      // U+0131
  add("3", "ﬀ@x.example");         // U+FB00
  add("4", "ſam@x.example");       // U+017F
  add("5", "\u212Aim@x.example");  // the Kelvin sign
  for (const char* email : {"mike@x.example", "ff@x.example", "sam@x.example", "kim@x.example"}) {
    INFO(email);
    ask("1", email);
    const auto mail = next_mail();
    CHECK(mail.value().kind == MailKind::verify_email);
    CHECK(mail.value().address == email);
  }
}

TEST_CASE_METHOD(AdasSite,
                 "threat 11: the mail goes to the address as it was asked for, not to its canonical spelling") {
  ask("1", "Bob.Smith+tag@X.Example");
  CHECK(next_mail().value().address == "Bob.Smith+tag@X.Example");
}

TEST_CASE_METHOD(AdasSite, "Asking for one's own address is asking for a taken one") {
  CHECK(ask("1", "a@x.example") == "ok");
  CHECK(next_mail().value().kind == MailKind::email_in_use);
}

TEST_CASE_METHOD(AdasSite, "The letter case of one's own address can be changed by a link") {
  ask("1", "A@x.example");
  CHECK(next_mail().value().kind == MailKind::verify_email);
  CHECK(press(link("1")) == "verified");
  CHECK(email_of("1") == "A@x.example");
}

TEST_CASE_METHOD(AdasSite, "Every request has a message token of its own, also for the same address") {
  ask("1", "b@x.example");
  ask("1", "b@x.example");
  const auto first = next_mail();
  const auto second = next_mail();
  CHECK(first.value().message_token == "01010101010101010101010101010101");
  CHECK(second.value().message_token == "02020202020202020202020202020202");
  CHECK(first->version == second->version);
}

TEST_CASE_METHOD(AdasSite, "The language of the request is the mail's") {
  REQUIRE(register_email.request(account("1"), rules.parse("b@x.example").value(), "pt-BR", IpAddress{}));
  CHECK(next_mail().value().language == "pt-BR");
}

TEST_CASE_METHOD(AdasSite, "A request of an account that went away is refused") {
  const Account gone{"9", "g@x.example", true, {}};
  const auto asked = register_email.request(gone, rules.parse("b@x.example").value(), "en", IpAddress{});
  REQUIRE_FALSE(asked);
  CHECK(asked.error().code == ErrorCode::user_not_found);
  CHECK(wake_ups == 0);
}

TEST_CASE_METHOD(AdasSite, "With verification off the address changes at once and nothing is mailed") {
  policy.verification_enabled = false;
  CHECK(ask("1", "b@x.example") == "ok");
  CHECK(email_of("1") == "b@x.example");
  CHECK_FALSE(next_mail());
  CHECK(wake_ups == 0);
}

TEST_CASE_METHOD(AdasSite, "With verification off a taken address is refused, one's own too") {
  policy.verification_enabled = false;
  add("2", "b@x.example");
  CHECK(ask("1", "B@x.example") == "email-already-registered");
  CHECK(ask("1", "a@x.example") == "email-already-registered");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(AdasSite, "With verification off the letter case of one's own address can be changed") {
  policy.verification_enabled = false;
  CHECK(ask("1", "A@x.example") == "ok");
  CHECK(email_of("1") == "A@x.example");
}

TEST_CASE_METHOD(AdasSite, "With verification off an address that was read too early is read again") {
  policy.verification_enabled = false;
  const Account early{"1", "before@x.example", true, {}};
  CHECK(register_email.request(early, rules.parse("b@x.example").value(), "en", IpAddress{}));
  CHECK(email_of("1") == "b@x.example");
}

TEST_CASE_METHOD(AdasSite, "With verification off an account that went away is refused") {
  policy.verification_enabled = false;
  const Account gone{"9", "g@x.example", true, {}};
  const auto asked = register_email.request(gone, rules.parse("b@x.example").value(), "en", IpAddress{});
  REQUIRE_FALSE(asked);
  CHECK(asked.error().code == ErrorCode::user_not_found);
}

TEST_CASE_METHOD(AdasSite, "With verification off where addresses need not be unique one may ask for one's own") {
  policy.verification_enabled = false;
  policy.email_unique = false;
  add("2", "b@x.example");
  CHECK(ask("1", "a@x.example") == "ok");
  CHECK(ask("1", "b@x.example") == "ok");
  CHECK(email_of("1") == "b@x.example");
}
