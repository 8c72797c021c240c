// One entry of the outbox, seen through. What the mail says is in mail_words_test.cpp.

#include "flows/deliver_mail.hpp"

#include "adapters/icu/icu_time_words.hpp"
#include "site.hpp"
#include "support/catch.hpp"
#include "support/fake_mail.hpp"
#include "support/recording_log.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

struct MailingSite : Site {
  MailingSite() {
    add("1", "ada@x.example");
    mail.from = "Site <no-reply@x.example>";
    mail.site = "app.example";
  }

  /// The link of the last mail that was rendered.
  Link mailed_link() { return read_link(templates.rendered.back().context.at("link")).value(); }

  /// Moves the clock until the entry comes up again, and returns by how much. The sender's answer stands already.
  seconds until_next_attempt() {
    const std::size_t before = sender.attempts.size();
    for (seconds waited{0};; waited += seconds{1}) {
      if (waited > hours{3}) throw std::runtime_error{"no further attempt in three hours"};
      clock.advance(seconds{1});
      deliver.deliver_next();
      if (sender.attempts.size() > before) return waited + seconds{1};
    }
  }

  MailPolicy mail;
  PlainTemplates templates;
  IcuTimeWords time_words;
  PlainComposer composer;
  ScriptedSender sender;
  RecordingLog log;
  DeliverMail deliver{
      policy, mail, rules, issuer, {store, store, templates, time_words, composer, sender, clock, random, log}};
};

constexpr auto temporary = SendFailure::Kind::temporary;
constexpr auto permanent = SendFailure::Kind::permanent;

}  // namespace

TEST_CASE_METHOD(MailingSite, "An empty outbox is nothing to do") {
  CHECK_FALSE(deliver.deliver_next());
  CHECK(sender.attempts.empty());
}

TEST_CASE_METHOD(MailingSite, "threat 13: a mail is sent once, to the new address alone") {
  ask("1", "b@x.example");
  CHECK(deliver.deliver_next());
  CHECK_FALSE(deliver.deliver_next());
  clock.advance(hours{1000});
  CHECK_FALSE(deliver.deliver_next());
  REQUIRE(sender.attempts.size() == 1);
  CHECK(sender.attempts[0].envelope_to == "b@x.example");
  CHECK(composer.drafts[0].from == "Site <no-reply@x.example>");
  CHECK_FALSE(composer.drafts[0].reply_to);
  CHECK(composer.drafts[0].words.subject == "subject");
}

TEST_CASE_METHOD(MailingSite, "The mail's link works") {
  ask("1", "b@x.example");
  deliver.deliver_next();
  const Link link = mailed_link();
  CHECK(link.user_id == "1");
  CHECK(link.email == "b@x.example");
  CHECK(press(link) == "verified");
}

TEST_CASE_METHOD(MailingSite, "The link is signed when the mail is sent, for the account as it is then") {
  ask("1", "b@x.example");
  clock.advance(hours{5});
  keys.in_force = link_keys({1, 2});
  deliver.deliver_next();
  const Link link = mailed_link();
  CHECK(link.timestamp == to_text(clock.now()));
  CHECK(decode_signature(link.signature)->key_id == numbered_key(2).public_key().id());
  CHECK(composer.drafts[0].date == clock.now());
}

TEST_CASE_METHOD(MailingSite, "threat 10: the mail says who asked and when and where and for how long") {
  ask("1", "b@x.example");
  clock.advance(hours{5});
  deliver.deliver_next();
  const MailContext& context = templates.rendered.back().context;
  CHECK(context.at("account") == "a***@x***.example");
  CHECK(context.at("requested_at") == "14 November 2023 at 22:13 UTC");
  CHECK(context.at("site") == "app.example");
  CHECK(context.at("valid_for") == "7 days");
  CHECK(context.at("email") == "b@x.example");
  CHECK(templates.rendered.back().kind == MailKind::verify_email);
  CHECK(templates.rendered.back().language == "en");
}

TEST_CASE_METHOD(MailingSite, "A period is told in the largest unit that fits") {
  const std::pair<int, const char*> periods[] = {{172800, "2 days"},    {172799, "47 hours"}, {7200, "2 hours"},
                                                 {7199, "119 minutes"}, {120, "2 minutes"},   {119, "119 seconds"},
                                                 {1, "1 second"}};
  for (const auto& [period_s, words] : periods) {
    policy.period = seconds{period_s};
    ask("1", "b" + std::to_string(period_s) + "@x.example");
    deliver.deliver_next();
    CHECK(templates.rendered.back().context.at("valid_for") == words);
  }
}

TEST_CASE_METHOD(MailingSite, "The mail about a taken address holds no link") {
  add("2", "b@x.example");
  ask("1", "b@x.example");
  CHECK(deliver.deliver_next());
  REQUIRE(sender.attempts.size() == 1);
  CHECK(sender.attempts[0].envelope_to == "b@x.example");
  CHECK(templates.rendered.back().kind == MailKind::email_in_use);
  CHECK(templates.rendered.back().context.count("link") == 0);
}

TEST_CASE_METHOD(MailingSite, "An international address is mailed in its ASCII spelling") {
  policy.email_policy = EmailPolicy::django;
  ask("1", "b@bücher.example");
  deliver.deliver_next();
  REQUIRE(sender.attempts.size() == 1);
  CHECK(sender.attempts[0].envelope_to == "b@xn--bcher-kva.example");
  CHECK(mailed_link().email == "b@bücher.example");
}

TEST_CASE_METHOD(MailingSite, "A reply goes where the policy says") {
  mail.reply_to = "help@x.example";
  ask("1", "b@x.example");
  deliver.deliver_next();
  CHECK(composer.drafts[0].reply_to == "help@x.example");
}

TEST_CASE_METHOD(MailingSite, "A mail whose request was replaced is dropped and the newer one is sent") {
  ask("1", "b@x.example");
  ask("1", "c@x.example");
  CHECK(deliver.deliver_next());
  CHECK(sender.attempts.empty());
  CHECK(deliver.deliver_next());
  REQUIRE(sender.attempts.size() == 1);
  CHECK(sender.attempts[0].envelope_to == "c@x.example");
  clock.advance(hours{1000});
  CHECK_FALSE(deliver.deliver_next());
}

TEST_CASE_METHOD(MailingSite, "A mail about a taken address is dropped when its request was replaced") {
  add("2", "b@x.example");
  ask("1", "b@x.example");
  ask("1", "c@x.example");
  deliver.deliver_next();
  CHECK(sender.attempts.empty());
}

TEST_CASE_METHOD(MailingSite, "A second copy of a mail is dropped once the first one did its work") {
  ask("1", "b@x.example");
  ask("1", "b@x.example");
  deliver.deliver_next();
  REQUIRE(press(mailed_link()) == "verified");
  CHECK(deliver.deliver_next());
  CHECK(sender.attempts.size() == 1);
}

TEST_CASE_METHOD(MailingSite, "Without latest_only every request's mail is sent, until one of them is applied") {
  policy.latest_only = false;
  ask("1", "b@x.example");
  ask("1", "c@x.example");
  ask("1", "d@x.example");
  deliver.deliver_next();
  deliver.deliver_next();
  REQUIRE(sender.attempts.size() == 2);
  CHECK(sender.attempts[0].envelope_to == "b@x.example");
  CHECK(press(mailed_link()) == "verified");
  CHECK(deliver.deliver_next());
  CHECK(sender.attempts.size() == 2);  // a mail to d@ would hold a link that is dead already
}

TEST_CASE_METHOD(MailingSite, "When latest_only is switched on the mails of older requests are dropped") {
  policy.latest_only = false;
  ask("1", "b@x.example");
  ask("1", "c@x.example");
  policy.latest_only = true;
  deliver.deliver_next();
  CHECK(sender.attempts.empty());
  deliver.deliver_next();
  REQUIRE(sender.attempts.size() == 1);
  CHECK(sender.attempts[0].envelope_to == "c@x.example");
}

TEST_CASE_METHOD(MailingSite, "A temporary failure is tried again, each time after a longer rest") {
  ask("1", "b@x.example");
  for (int attempt = 0; attempt < 9; ++attempt) sender.fail_next(temporary);
  CHECK(deliver.deliver_next());
  CHECK_FALSE(deliver.deliver_next());
  seconds shortest{15};
  for (int attempt = 1; attempt <= 9; ++attempt) {
    const seconds waited = until_next_attempt();
    INFO("attempt " << attempt << " after " << waited.count() << " s");
    CHECK(waited >= shortest / 2);
    CHECK(waited <= shortest + seconds{1});
    shortest = std::min(shortest * 2, seconds{3600});
  }
  CHECK(sender.attempts.size() == 10);
  CHECK_FALSE(deliver.deliver_next());
}

TEST_CASE_METHOD(MailingSite, "Mails that failed together do not come back together") {
  add("2", "second@x.example");
  ask("1", "b@x.example");
  ask("2", "c@x.example");
  for (int attempt = 0; attempt < 2; ++attempt) sender.fail_next(temporary);
  random.begin_with({1, 2, 0, 3});  // message tokens, then the two delays
  deliver.deliver_next();
  deliver.deliver_next();
  REQUIRE(sender.attempts.size() == 2);
  const seconds first = until_next_attempt();
  CHECK(first == seconds{7});
  CHECK(sender.attempts.back().envelope_to == "b@x.example");
  CHECK(until_next_attempt() == seconds{3});
  CHECK(sender.attempts.back().envelope_to == "c@x.example");
}

TEST_CASE_METHOD(MailingSite, "Every attempt has the same message id and a link signed anew") {
  ask("1", "b@x.example");
  sender.fail_next(temporary);
  deliver.deliver_next();
  const Link first = mailed_link();
  until_next_attempt();
  REQUIRE(sender.attempts.size() == 2);
  CHECK(sender.attempts[0].bytes == sender.attempts[1].bytes);
  CHECK(mailed_link().timestamp != first.timestamp);
  CHECK(press(first) == "verified");
}

TEST_CASE_METHOD(MailingSite, "A permanent failure is given up at once, with its reason in the log") {
  ask("1", "b@x.example");
  sender.fail_next(permanent, "550 no such mailbox");
  CHECK(deliver.deliver_next());
  clock.advance(hours{1000});
  CHECK_FALSE(deliver.deliver_next());
  CHECK(sender.attempts.size() == 1);
  CHECK(log.all().find("mail given up") != std::string::npos);
  CHECK(log.all().find("550 no such mailbox") != std::string::npos);
}

TEST_CASE_METHOD(MailingSite, "An address that the policy accepts no longer ends the mail, with its reason") {
  policy.email_policy = EmailPolicy::django;
  ask("1", "\"bb\"@x.example");
  policy.email_policy = EmailPolicy::strict;
  while (deliver.deliver_next()) {
  }
  CHECK(sender.attempts.empty());
  CHECK(log.all().find("mail given up") != std::string::npos);
  CHECK(log.all().find("the recipient: not an address that the policy accepts") != std::string::npos);
  clock.advance(hours{1000});
  CHECK_FALSE(deliver.deliver_next());
}

TEST_CASE_METHOD(MailingSite, "Who asks for a longer rest gets it, but no longer one than an hour") {
  ask("1", "b@x.example");
  for (const seconds asked_for : {seconds{1}, seconds{600}, seconds{1'000'000'000'000}}) {
    sender.failures.push_back({temporary, "later", asked_for});
  }
  deliver.deliver_next();
  CHECK(until_next_attempt() >= seconds{7});
  CHECK(until_next_attempt() == seconds{600});
  CHECK(until_next_attempt() == seconds{3600});
}

TEST_CASE_METHOD(MailingSite, "A mail that keeps failing is given up after its time") {
  mail.give_up_after = hours{2};
  ask("1", "b@x.example");
  for (int attempt = 0; attempt < 100; ++attempt) sender.fail_next(temporary);
  const UnixTime asked_at = clock.now();
  deliver.deliver_next();
  while (log.all().find("mail given up") == std::string::npos) until_next_attempt();
  CHECK(clock.now() - asked_at >= hours{2});
  CHECK(clock.now() - asked_at <= hours{3});
  const std::size_t attempts = sender.attempts.size();
  clock.advance(hours{1000});
  CHECK_FALSE(deliver.deliver_next());
  CHECK(sender.attempts.size() == attempts);
}

TEST_CASE_METHOD(MailingSite, "A mail that waits is dropped when its request is replaced meanwhile") {
  ask("1", "b@x.example");
  sender.fail_next(temporary);
  deliver.deliver_next();
  ask("1", "c@x.example");
  clock.advance(hours{1});
  while (deliver.deliver_next()) {
  }
  REQUIRE(sender.attempts.size() == 2);
  CHECK(sender.attempts[1].envelope_to == "c@x.example");
}

TEST_CASE_METHOD(MailingSite, "A mail that cannot be written yet is tried again") {
  ask("1", "b@x.example");
  keys.in_force = link_keys({});
  CHECK(deliver.deliver_next());
  templates.missing = true;
  keys.in_force = link_keys({1});
  clock.advance(hours{1});
  CHECK(deliver.deliver_next());
  CHECK(sender.attempts.empty());
  templates.missing = false;
  clock.advance(hours{1});
  CHECK(deliver.deliver_next());
  CHECK(sender.attempts.size() == 1);
}

TEST_CASE_METHOD(MailingSite, "No signature and no address of a stranger is written to the log") {
  ask("1", "b@x.example");
  sender.fail_next(temporary);
  deliver.deliver_next();
  const std::string signature = mailed_link().signature;
  until_next_attempt();
  CHECK(log.lines().size() == 2);
  CHECK(log.all().find(signature) == std::string::npos);
  CHECK(log.all().find("https://") == std::string::npos);
}

namespace {

/// An outbox whose storage is away, for claims or for settling.
class BrokenOutbox final : public Outbox {
 public:
  BrokenOutbox(Outbox& outbox, bool claims) : outbox_(outbox), claims_(claims) {}
  Result<std::optional<OutboxEntry>> claim_next(OutboxQueue queue, UnixTime now, seconds lease) override {
    if (!claims_) return away();
    return outbox_.claim_next(queue, now, lease);
  }
  Result<void> mark_sent(std::int64_t, UnixTime) override { return away(); }
  Result<void> mark_dropped(std::int64_t, UnixTime, std::string_view) override { return away(); }
  Result<void> retry_at(const OutboxEntry&, UnixTime, std::string_view) override { return away(); }
  Result<void> mark_dead(std::int64_t, UnixTime, std::string_view) override { return away(); }

 private:
  static tl::unexpected<Error> away() { return fail(ErrorCode::unavailable, "the storage is away"); }
  Outbox& outbox_;
  bool claims_;
};

}  // namespace

TEST_CASE_METHOD(MailingSite, "An outbox that cannot be read is logged and nothing to do") {
  ask("1", "b@x.example");
  BrokenOutbox broken{store, false};
  DeliverMail delivery{
      policy, mail, rules, issuer, {store, broken, templates, time_words, composer, sender, clock, random, log}};
  CHECK_FALSE(delivery.deliver_next());
  CHECK(log.all() == "outbox not readable reason=the storage is away\n");
}

TEST_CASE_METHOD(MailingSite, "A mail that was sent but not marked is sent again after its lease, with the same id") {
  ask("1", "b@x.example");
  BrokenOutbox broken{store, true};
  DeliverMail delivery{
      policy, mail, rules, issuer, {store, broken, templates, time_words, composer, sender, clock, random, log}};
  CHECK(delivery.deliver_next());
  CHECK(log.lines().back() == "outbox not writable reason=the storage is away");
  CHECK_FALSE(deliver.deliver_next());
  clock.advance(hours{1});
  CHECK(deliver.deliver_next());
  REQUIRE(sender.attempts.size() == 2);
  CHECK(sender.attempts[0].bytes == sender.attempts[1].bytes);
}
