// The notice to the address in force, from the request to the words of the mail.

#include "adapters/file_mail/mail_reader.hpp"
#include "adapters/mime/gmime_composer.hpp"
#include "flows/deliver_mail.hpp"
#include "mail_bytes.hpp"
#include "site.hpp"
#include "support/built_in_words.hpp"
#include "support/catch.hpp"
#include "support/fake_mail.hpp"
#include "support/recording_log.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using std::chrono::hours;

namespace {

/// Ada's account "1" at a@x.example, on a site that tells her of requests.
struct NotifyingSite : Site {
  NotifyingSite() {
    add("1", "a@x.example");
    policy.notify_old_address = true;
    mail.from = "Site <no-reply@x.example>";
    mail.site = "app.example";
  }

  void deliver_all() {
    while (deliver.deliver_next()) {
    }
  }

  /// The mails that went to the address, oldest first, as their readers see them.
  std::vector<ReadMail> mails_to(const std::string& address) {
    deliver_all();
    std::vector<ReadMail> mails;
    for (const Message& message : sender.attempts) {
      if (message.envelope_to == address) mails.push_back(read_mail(message.bytes));
    }
    return mails;
  }

  /// The link that stands alone on a line of the text.
  static std::optional<Link> link_in(const ReadMail& mail) {
    const std::string text = with_unix_line_ends(mail.text);
    const std::size_t start = text.find("\nhttps://");
    if (start == std::string::npos) return std::nullopt;
    return read_link(text.substr(start + 1, text.find('\n', start + 1) - start - 1)).value();
  }

  MailPolicy mail;
  BuiltInWords templates;
  IcuTimeWords time_words;
  GmimeComposer composer;
  ScriptedSender sender;
  RecordingLog log;
  DeliverMail deliver{
      policy, mail, rules, issuer, {store, store, templates, time_words, composer, sender, clock, random, log}};
};

}  // namespace

TEST_CASE_METHOD(NotifyingSite,
                 "threat 10: the notice says who asked, when, for which address, and holds one link that works") {
  ask("1", "b@x.example");
  clock.advance(hours{5});
  const auto mails = mails_to("a@x.example");
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].subject == "Somebody asked for a new email address for your account at app.example");
  for (const std::string& part : {mails[0].text, mails[0].html}) {
    for (const char* fact : {"a@x.example", "b@x.example", "14 November 2023 at 22:13 UTC", "app.example", "7 days"}) {
      INFO(fact);
      CHECK(part.find(fact) != std::string::npos);
    }
  }
  const std::optional<Link> link = link_in(mails[0]);
  REQUIRE(link);
  CHECK(mails[0].text.find("https://", mails[0].text.find("https://") + 1) == std::string::npos);
  CHECK(link->email == "a@x.example");
  CHECK(link->timestamp == to_text(clock.now()));
  CHECK(press_undo(*link) == "undone");
}

TEST_CASE_METHOD(NotifyingSite, "The page in the notice is the one of undo links, also where links have a template") {
  policy.url_template = LinkTemplate::parse("https://app.example/v/{user_id}/{email}/{timestamp}/{signature}").value();
  ask("1", "b@x.example");
  CHECK(mails_to("a@x.example").at(0).text.find("\nhttps://app.example/undo/?user_id=1&") != std::string::npos);
}

TEST_CASE_METHOD(NotifyingSite, "Without a page or a key the notice goes without a link and says what else to do") {
  const bool without_page = GENERATE(true, false);
  if (without_page) policy.undo_url.clear();
  ask("1", "b@x.example");
  if (!without_page) {
    policy.issue = Scheme::django;
    keys.in_force = link_keys({}, {"the secret of django"});
  }
  const auto mails = mails_to("a@x.example");
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].text.find("http") == std::string::npos);
  CHECK(mails[0].html.find("href") == std::string::npos);
  CHECK(unfolded(mails[0].text).find("Change your") != std::string::npos);
}

TEST_CASE_METHOD(NotifyingSite, "With notify_old_address off nobody is told") {
  policy.notify_old_address = false;
  ask("1", "b@x.example");
  CHECK(mails_to("a@x.example").empty());
}

TEST_CASE_METHOD(NotifyingSite, "threat 30: a thief who waits with the press does not outlive the owner's undo link") {
  const bool asks_again = GENERATE(true, false);
  ask("1", "b@x.example");
  REQUIRE(mails_to("a@x.example").size() == 1);
  clock.advance(hours{6 * 24});
  if (asks_again) ask("1", "b@x.example");
  CHECK(mails_to("a@x.example").size() == (asks_again ? 2 : 1));
  clock.advance(hours{asks_again ? 6 * 24 : 0});
  REQUIRE(press(link("1")) == "verified");

  const auto mails = mails_to("a@x.example");
  REQUIRE(mails.size() == (asks_again ? 3 : 2));
  clock.advance(hours{6 * 24});
  CHECK(press_undo(link_in(mails.back()).value()) == "undone");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(NotifyingSite, "A change that nobody asked for here is told when it is made") {
  policy.issue = Scheme::django;
  policy.accept_django = true;
  keys.in_force = link_keys({1}, {"the secret of django"});
  REQUIRE(press(issuer.issue_django("1", "b@x.example", clock.now()).value().link) == "verified");
  const auto mails = mails_to("a@x.example");
  REQUIRE(mails.size() == 1);
  CHECK(press_undo(link_in(mails[0]).value()) == "undone");
}

TEST_CASE_METHOD(NotifyingSite, "A request that is repeated is told once") {
  for (int times = 0; times < 3; ++times) ask("1", "b@x.example");
  CHECK(mails_to("a@x.example").size() == 1);
  CHECK(mails_to("b@x.example").size() == 3);
}

TEST_CASE_METHOD(NotifyingSite, "The notice is the same whether the new address is free or taken") {
  add("2", "taken@x.example");
  ask("1", "taken@x.example");
  const ReadMail taken = mails_to("a@x.example").at(0);
  ask("1", "freed@x.example");
  const ReadMail free = mails_to("a@x.example").at(1);
  const auto form_of = [](const ReadMail& notice, const std::string& new_email) {
    std::string text = with_unix_line_ends(notice.text);
    text.replace(text.find(new_email), new_email.size(), "NEW");
    const std::size_t link = text.find("https://");
    return text.replace(link, text.find('\n', link) - link, "LINK");
  };
  CHECK(form_of(taken, "taken@x.example") == form_of(free, "freed@x.example"));
}

TEST_CASE_METHOD(NotifyingSite, "Who has no address yet, or one that cannot be mailed, is not told") {
  store.set_email("1", GENERATE("", "no address", "two@@x.example"));
  CHECK(ask("1", "b@x.example") == "ok");
  deliver_all();
  REQUIRE(sender.attempts.size() == 1);
  CHECK(sender.attempts[0].envelope_to == "b@x.example");
}

TEST_CASE_METHOD(NotifyingSite, "An address that today's rules would refuse is told all the same, and can undo") {
  store.set_email("1", "ada@localhost");
  REQUIRE_FALSE(rules.parse("ada@localhost"));
  ask("1", "b@x.example");
  const auto mails = mails_to("ada@localhost");
  REQUIRE(mails.size() == 1);
  CHECK(press_undo(link_in(mails[0]).value()) == "undone");
}

TEST_CASE_METHOD(NotifyingSite, "A notice goes out although the change was made or replaced meanwhile") {
  for (int attempt = 0; attempt < 2; ++attempt) sender.fail_next(SendFailure::Kind::temporary);
  ask("1", "b@x.example");
  deliver_all();
  REQUIRE(press(link("1")) == "verified");
  ask("1", "c@x.example");
  ask("1", "d@x.example");
  clock.advance(hours{1});
  const auto to_a = mails_to("a@x.example");
  CHECK(to_a.size() == 2);  // the attempt that failed, and the one that did not
  CHECK(mails_to("b@x.example").size() == 3);
  CHECK(press_undo(link_in(to_a.back()).value()) == "undone");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(NotifyingSite, "The notice names its reader's address, not the one that a thief put there") {
  sender.fail_next(SendFailure::Kind::temporary);
  sender.fail_next(SendFailure::Kind::temporary);
  ask("1", "b@x.example");
  deliver_all();
  press(link("1"));
  clock.advance(hours{1});
  CHECK(unfolded(mails_to("a@x.example").back().text).find("signed in to app.example as a@x.example") !=
        std::string::npos);
}

TEST_CASE_METHOD(NotifyingSite, "A notice of a change that was taken back meanwhile is dropped") {
  ask("1", "b@x.example");
  const Link undo = undo_link("1");
  ask("1", "c@x.example");
  REQUIRE(press_undo(undo) == "undone");
  deliver_all();
  CHECK(sender.attempts.empty());
}

TEST_CASE_METHOD(NotifyingSite,
                 "With verification off the notice comes after the fact and its link brings the address back") {
  policy.verification_enabled = false;
  ask("1", "b@x.example");
  CHECK(wake_ups == 1);
  const auto mails = mails_to("a@x.example");
  REQUIRE(mails.size() == 1);
  CHECK(mails_to("b@x.example").empty());
  CHECK(press_undo(link_in(mails[0]).value()) == "undone");
  CHECK(email_of("1") == "a@x.example");
}

TEST_CASE_METHOD(NotifyingSite, "A restored address is told, and the one that gave way, which sees only a masked one") {
  ask("1", "b@x.example");
  const Link undo = undo_link("1");
  press(link("1"));
  deliver_all();
  sender.attempts.clear();
  REQUIRE(press_undo(undo) == "undone");
  const auto to_owner = mails_to("a@x.example");
  const auto to_other = mails_to("b@x.example");
  REQUIRE(to_owner.size() == 1);
  REQUIRE(to_other.size() == 1);
  CHECK(to_owner[0].subject == "A change of address was undone at app.example");
  CHECK(unfolded(to_owner[0].text).find("set back to a@x.example") != std::string::npos);
  CHECK(unfolded(to_other[0].text).find("set back to a***@x***.example") != std::string::npos);
  for (const ReadMail& sent : {to_owner[0], to_other[0]}) {
    CHECK(sent.text.find("http") == std::string::npos);
    CHECK(sent.html.find("href") == std::string::npos);
  }
}

TEST_CASE_METHOD(NotifyingSite, "threat 31: no notice leaves a link in the outbox or the log") {
  ask("1", "b@x.example");
  const OutboxEntry notice = store.claim_next(OutboxQueue::mails, clock.now(), hours{1}).value().value();
  CHECK(notice.kind == MailKind::change_notice);
  for (const std::string& text : {notice.address, notice.language, notice.message_token, notice.account_id}) {
    CHECK(text.find("http") == std::string::npos);
    CHECK(text.size() < 40);
  }
  clock.advance(hours{2});
  const std::string signature = link_in(mails_to("a@x.example").at(0)).value().signature;
  CHECK(log.all().find(signature) == std::string::npos);
}
