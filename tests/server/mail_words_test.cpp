// From the outbox to the bytes on the wire, with the real templates and the real composer.

#include <map>
#include <thread>

#include "adapters/file_mail/mail_reader.hpp"
#include "adapters/icu/icu_time_words.hpp"
#include "adapters/mime/gmime_composer.hpp"
#include "flows/deliver_mail.hpp"
#include "mail_bytes.hpp"
#include "site.hpp"
#include "storages.hpp"
#include "support/built_in_words.hpp"
#include "support/catch.hpp"
#include "support/fake_mail.hpp"
#include "support/recording_log.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

struct WritingSite : Site {
  WritingSite() {
    add("1", "ada@x.example");
    mail.from = "Zoë from Site <no-reply@x.example>";
    mail.site = "app.example";
  }

  const Message& mail_for(const std::string& email) {
    ask("1", email);
    deliver.deliver_next();
    return sender.attempts.at(0);
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

MailFacts of(MailKind kind, const std::string& language = "en") { return {kind, "1", "b@x.example", language}; }

/// The one line of the text that begins like this.
std::string line_with(const std::string& text, const std::string& beginning) {
  const std::size_t at = text.find("\n" + beginning);
  if (at == std::string::npos) return {};
  return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

}  // namespace

TEST_CASE_METHOD(WritingSite, "In the text part the link stands alone on its line and works") {
  const ReadMail read = read_mail(mail_for("b@x.example").bytes);
  const std::string url = line_with(with_unix_line_ends(read.text), "https://app.example/verify/?user_id=");
  const auto link = read_link(url);
  REQUIRE(link);
  CHECK(url == issuer.spell(*link)->url);
  CHECK(press(*link) == "verified");
}

TEST_CASE_METHOD(WritingSite, "In the HTML part the link is an address to press that leads to the same page") {
  const ReadMail read = read_mail(mail_for("b@x.example").bytes);
  const std::string url = line_with(with_unix_line_ends(read.text), "https://");
  std::string escaped;
  for (const char c : url) escaped += c == '&' ? std::string{"&amp;"} : std::string{c};
  CHECK(read.html.find("href=\"" + escaped + "\"") != std::string::npos);
}

TEST_CASE_METHOD(WritingSite, "A mail is for exactly one recipient") {
  const Message& message = mail_for("b@x.example");
  CHECK(message.envelope_to == "b@x.example");
  CHECK(message.envelope_from == "no-reply@x.example");
  CHECK(header_lines(message.bytes, "To") == std::vector<std::string>{"To: b@x.example"});
  CHECK(header_lines(message.bytes, "Cc").empty());
  CHECK(header_lines(message.bytes, "Bcc").empty());
}

TEST_CASE_METHOD(WritingSite, "An address with every character that the grammar allows is mailed as it is") {
  policy.email_policy = EmailPolicy::django;
  for (const char* email : {"!#$%&'*+/=?^_`{|}~-@x.example", "\"a,b\"@x.example", "\"<script>\"@x.example"}) {
    INFO(email);
    sender.attempts.clear();
    const Message& message = mail_for(email);
    CHECK(message.envelope_to == email);
    CHECK(header_lines(message.bytes, "To") == std::vector<std::string>{std::string{"To: "} + email});
    const ReadMail read = read_mail(message.bytes);
    CHECK(read.text.find(email) != std::string::npos);
    CHECK(read.html.find("<script>") == std::string::npos);
  }
}

TEST_CASE_METHOD(WritingSite, "A mail has no bare line break and no line that a server would cut") {
  const Message& message =
      mail_for(std::string(60, 'b') + "@" + std::string(60, 'x') + "." + std::string(60, 'y') + ".example");
  CHECK(has_only_crlf(message.bytes));
  CHECK(longest_line(message.bytes) <= 998);
}

TEST_CASE_METHOD(WritingSite, "The mail says who asked without naming the account to a stranger") {
  const ReadMail read = read_mail(mail_for("b@x.example").bytes);
  for (const std::string& part : {read.text, read.html}) {
    CHECK(part.find("a***@x***.example") != std::string::npos);
    CHECK(part.find("ada@x.example") == std::string::npos);
    CHECK(unfolded(part).find("14 November 2023 at 22:13 UTC") != std::string::npos);
    CHECK(part.find("app.example") != std::string::npos);
    CHECK(part.find("7 days") != std::string::npos);
  }
  CHECK(read.subject == "Confirm your new address for app.example");
}

TEST_CASE_METHOD(WritingSite, "The mail about a taken address leads nowhere") {
  add("2", "b@x.example");
  const ReadMail read = read_mail(mail_for("b@x.example").bytes);
  CHECK(read.subject == "Your address is already in use at app.example");
  CHECK(read.text.find("http") == std::string::npos);
  CHECK(read.html.find("href") == std::string::npos);
  CHECK(read.text.find("signature") == std::string::npos);
}

TEST_CASE_METHOD(WritingSite, "No name of a template is left in a mail and none is empty") {
  const MailKind all[] = {MailKind::verify_email, MailKind::email_in_use, MailKind::change_notice,
                          MailKind::change_undone};
  for (const MailKind kind : all) {
    INFO(name_of(kind));
    MailContext context;
    for (const char* name : {"email", "account", "requested_at", "valid_for", "site", "link"}) {
      context[name] = std::string{"["} + name + "]";
    }
    const MailText words = templates.render(of(kind), context).value();
    for (const std::string& part : {words.subject, words.text, words.html}) CHECK(part.find("{{") == std::string::npos);
    for (const char* name : {"[email]", "[account]", "[requested_at]", "[site]"}) {
      if (kind == MailKind::change_undone && std::string{name} == "[account]")
        continue;  // the address is the account's
      CHECK(words.text.find(name) != std::string::npos);
      CHECK(words.html.find(name) != std::string::npos);
    }
    CHECK(words.subject.find('\n') == std::string::npos);
  }
}

TEST_CASE_METHOD(WritingSite, "A language without templates is answered in English") {
  const MailContext context{{"site", "app.example"}};
  const MailText english = templates.render(of(MailKind::verify_email), context).value();
  for (const char* language : {"xx", "", "../en", "EN"}) {
    CHECK(templates.render(of(MailKind::verify_email, language), context).value().text == english.text);
  }
}

TEST_CASE_METHOD(WritingSite, "Values are escaped in HTML and stand as they are in text") {
  const MailContext context{{"site", "<b>\"A&B\"</b>"}, {"link", "https://h/?a=1&b=2"}};
  const MailText words = templates.render(of(MailKind::verify_email), context).value();
  CHECK(words.subject == "Confirm your new address for <b>\"A&B\"</b>");
  CHECK(words.text.find("https://h/?a=1&b=2\n") != std::string::npos);
  CHECK(words.html.find("<b>") == std::string::npos);
  CHECK(words.html.find("&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;") != std::string::npos);
}

TEST_CASE("An outbox row never holds a link, before its mail is sent or after") {
  SqliteStorage storage;
  WritingSite site;
  add_account(storage, "1", "ada@x.example");
  RegisterEmail asking{site.policy, site.limits, site.rules, {storage.store, site.clock, site.random, nullptr}};
  DeliverMail delivering{site.policy,
                         site.mail,
                         site.rules,
                         site.issuer,
                         {storage.store, storage.mails, site.templates, site.time_words, site.composer, site.sender,
                          site.clock, site.random, site.log}};
  must(asking.request(site.account("1"), site.rules.parse("b@x.example").value(), "en", IpAddress{}));
  const std::string queued = dump_sqlite(storage.file());
  site.sender.fail_next(SendFailure::Kind::temporary, "no connection");
  REQUIRE(delivering.deliver_next());
  const std::string delayed = dump_sqlite(storage.file());
  site.clock.advance(std::chrono::hours{1});
  REQUIRE(delivering.deliver_next());
  REQUIRE(site.sender.attempts.size() == 2);
  const std::string sent = dump_sqlite(storage.file());

  CHECK(queued.find("|queued|") != std::string::npos);
  CHECK(delayed.find("|no connection|") != std::string::npos);
  CHECK(sent.find("|sent|") != std::string::npos);
  for (const Message& message : site.sender.attempts) {
    const std::string text = with_unix_line_ends(read_mail(message.bytes).text);
    const Link link = read_link(line_with(text, "https://")).value();
    for (const std::string& rows : {queued, delayed, sent}) {
      CHECK(rows.find(link.signature) == std::string::npos);
      CHECK(rows.find(link.signature.substr(0, 16)) == std::string::npos);
      CHECK(rows.find("http") == std::string::npos);
    }
  }
}

TEST_CASE("Mails that several threads write at once are each its own") {
  const BuiltInWords templates;
  const IcuTimeWords time_words;
  const GmimeComposer composer;
  constexpr int mails_each = 20;
  const auto write_mails = [&](const std::string& language, std::vector<std::string>& written) {
    for (int number = 0; number < mails_each; ++number) {
      const std::string address = language + std::to_string(number) + "@x.example";
      const std::string day = time_words.in_words(from_unix_s(1'700'000'000), language);
      const MailContext context{{"email", address},   {"account", "a***"}, {"requested_at", day},
                                {"valid_for", "7 d"}, {"site", "x"},       {"link", "https://x.example/"}};
      const auto words = templates.render({MailKind::verify_email, "1", address, language}, context);
      const auto message =
          composer.compose({"Zoë <no-reply@x.example>", {}, address, "t", from_unix_s(0), words.value()});
      written.push_back(message.value().bytes);
    }
  };
  std::vector<std::thread> threads;
  std::map<std::string, std::vector<std::string>> written{{"en", {}}, {"de", {}}, {"pl", {}}, {"id", {}}};
  for (auto& [language, mails] : written) threads.emplace_back(write_mails, language, std::ref(mails));
  for (std::thread& thread : threads) thread.join();
  for (const auto& [language, mails] : written) {
    REQUIRE(mails.size() == mails_each);
    for (int number = 0; number < mails_each; ++number) {
      const ReadMail read = read_mail(mails[static_cast<std::size_t>(number)]);
      const std::string address = language + std::to_string(number) + "@x.example";
      CHECK(read.text.find(address) != std::string::npos);
      CHECK(read.html.find(address) != std::string::npos);
    }
  }
}
