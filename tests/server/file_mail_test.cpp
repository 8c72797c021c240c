// The folder of mails: written by the sender, read by the demo's inbox.

#include <algorithm>

#include "adapters/file_mail/file_inbox.hpp"
#include "adapters/file_mail/file_mail_sender.hpp"
#include "adapters/mime/gmime_composer.hpp"
#include "mail_bytes.hpp"
#include "support/catch.hpp"
#include "support/fixed_clock.hpp"
#include "support/temp_folder.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using Names = std::vector<std::string>;

namespace {

Message message_of(const std::string& bytes) { return {"from@x.example", "to@x.example", bytes}; }

struct MailFolder {
  /// The bytes of every file, in the order of the names.
  Names mails() const {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator{directory}) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    Names texts;
    for (const auto& path : paths) texts.push_back(read_file(path));
    return texts;
  }
  std::filesystem::path first_file() const {
    return std::filesystem::directory_iterator { directory } -> path();
  }

  TempFolder folder;
  std::filesystem::path directory = folder / "new/mails";
  FixedClock clock;
  FileMailSender sender{directory, clock};
  FileInbox inbox{directory};
};

}  // namespace

TEST_CASE_METHOD(MailFolder, "A mail is one file, byte for byte, that only its owner may read") {
  REQUIRE(sender.send(message_of("Subject: x\r\n\r\nbody\r\n")));
  CHECK(mails() == Names{"Subject: x\r\n\r\nbody\r\n"});
  CHECK(first_file().filename() == "001700000000-000000.eml");
  CHECK(mode_of(first_file()) == 0600);
}

TEST_CASE_METHOD(MailFolder, "Nothing but the finished mail is left in the folder") {
  for (int number = 0; number < 3; ++number) REQUIRE(sender.send(message_of(std::to_string(number))));
  for (const auto& entry : std::filesystem::directory_iterator{directory}) CHECK(entry.path().extension() == ".eml");
  CHECK(mails().size() == 3);
}

TEST_CASE_METHOD(MailFolder, "Names sort in the order of delivery, within a second and over a clock set back") {
  Names sent;
  for (int number = 0; number < 12; ++number) {
    sent.push_back(std::to_string(number));
    REQUIRE(sender.send(message_of(sent.back())));
  }
  clock.advance(std::chrono::seconds{1});
  sent.push_back("a second later");
  REQUIRE(sender.send(message_of(sent.back())));
  clock.advance(std::chrono::hours{-1});
  sent.push_back("after the clock was set back");
  REQUIRE(sender.send(message_of(sent.back())));
  CHECK(mails() == sent);
}

TEST_CASE_METHOD(MailFolder, "Names sort in the order of delivery after a restart") {
  Names sent;
  const auto send = [&](FileMailSender& by) {
    sent.push_back(std::to_string(sent.size()));
    REQUIRE(by.send(message_of(sent.back())));
  };
  send(sender);
  send(sender);
  FileMailSender restarted{directory, clock};
  send(restarted);
  send(restarted);
  clock.advance(std::chrono::hours{-1});
  FileMailSender restarted_in_the_past{directory, clock};
  send(restarted_in_the_past);
  CHECK(mails() == sent);
}

TEST_CASE_METHOD(MailFolder, "A mail that was taken out of the folder does not break the order after a restart") {
  for (const char* text : {"0", "1", "2"}) REQUIRE(sender.send(message_of(text)));
  std::filesystem::remove(directory / "001700000000-000000.eml");
  FileMailSender restarted{directory, clock};
  REQUIRE(restarted.send(message_of("3")));
  CHECK(mails() == Names{"1", "2", "3"});
}

TEST_CASE_METHOD(MailFolder, "Two senders into one folder lose no mail") {
  FileMailSender other{directory, clock};
  for (int number = 0; number < 5; ++number) {
    REQUIRE(sender.send(message_of("one " + std::to_string(number))));
    REQUIRE(other.send(message_of("two " + std::to_string(number))));
  }
  CHECK(mails().size() == 10);
}

TEST_CASE_METHOD(MailFolder, "A folder that cannot be written is a temporary failure that names it") {
  write_file(folder / "new", "a file where the folder should be");
  const auto sent = sender.send(message_of("x"));
  REQUIRE_FALSE(sent);
  CHECK(sent.error().kind == SendFailure::Kind::temporary);
  CHECK(sent.error().reason.find(directory.string()) == 0);
}

TEST_CASE_METHOD(MailFolder, "The inbox shows the newest mails first, as many as are asked for") {
  for (const char* subject : {"one", "two", "three"}) {
    REQUIRE(sender.send(message_of(std::string{"Subject: "} + subject + "\r\n\r\n")));
  }
  const auto newest = inbox.newest(2);
  REQUIRE(newest.size() == 2);
  CHECK(newest[0].subject == "three");
  CHECK(newest[1].subject == "two");
  CHECK(inbox.newest(50).size() == 3);
}

TEST_CASE_METHOD(MailFolder, "The inbox reads what the composer wrote") {
  MessageDraft draft;
  draft.from = "Zoë <no-reply@x.example>";
  draft.to = "b@y.example";
  draft.message_token = "token";
  draft.date = clock.now();
  draft.words = {"Grüße", "Text\n", "<p>HTML</p>\n"};
  const Message message = GmimeComposer{}.compose(draft).value();
  REQUIRE(sender.send(message));
  const InboxMail mail = inbox.newest(1).at(0);
  CHECK(mail.from == "Zoë <no-reply@x.example>");
  CHECK(mail.to == "b@y.example");
  CHECK(mail.subject == "Grüße");
  CHECK(mail.date == "Tue, 14 Nov 2023 22:13:20 +0000");
  CHECK(with_unix_line_ends(mail.text) == "Text\n");
  CHECK(with_unix_line_ends(mail.html) == "<p>HTML</p>\n");
  CHECK(mail.raw == message.bytes);
  CHECK(inbox.find(mail.id).value().raw == message.bytes);
}

TEST_CASE_METHOD(MailFolder, "The inbox finds nothing outside its folder and nothing by other names") {
  REQUIRE(sender.send(message_of("Subject: x\r\n\r\n")));
  write_file(directory / "secret.eml", "Subject: secret\r\n\r\n");
  write_file(folder / "new/001700000000-000000.eml", "Subject: outside\r\n\r\n");
  for (const char* id : {"", ".", "..", "secret", "../001700000000-000000", "/etc/passwd", "001700000000-000000.eml",
                         "001700000000-000001"}) {
    INFO(id);
    CHECK_FALSE(inbox.find(id));
  }
  CHECK(inbox.newest(50).size() == 1);
}

TEST_CASE("An inbox whose folder is not there yet is empty") {
  TempFolder folder;
  CHECK(FileInbox{folder / "nothing"}.newest(50).empty());
}
