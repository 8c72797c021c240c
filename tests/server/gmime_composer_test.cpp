#include "adapters/mime/gmime_composer.hpp"

#include "adapters/file_mail/mail_reader.hpp"
#include "mail_bytes.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using Lines = std::vector<std::string>;

namespace {

MessageDraft example_draft() {
  MessageDraft draft;
  draft.from = "Site <no-reply@x.example>";
  draft.to = "b@y.example";
  draft.message_token = "0123abcd";
  draft.date = from_unix_s(1700000000);
  draft.words = {"Hello", "Text\n", "<p>HTML</p>\n"};
  return draft;
}

std::string compose(const MessageDraft& draft) { return GmimeComposer{}.compose(draft).value().bytes; }

ErrorCode refusal_of(const MessageDraft& draft) {
  const auto message = GmimeComposer{}.compose(draft);
  return message ? ErrorCode::already_verified : message.error().code;
}

}  // namespace

TEST_CASE("A message has the headers that its draft asks for, each once") {
  const std::string bytes = compose(example_draft());
  CHECK(header_lines(bytes, "From") == Lines{"From: Site <no-reply@x.example>"});
  CHECK(header_lines(bytes, "Reply-To") == Lines{"Reply-To: Site <no-reply@x.example>"});
  CHECK(header_lines(bytes, "To") == Lines{"To: b@y.example"});
  CHECK(header_lines(bytes, "Subject") == Lines{"Subject: Hello"});
  CHECK(header_lines(bytes, "Message-Id") == Lines{"Message-Id: <0123abcd@x.example>"});
  CHECK(header_lines(bytes, "Date") == Lines{"Date: Tue, 14 Nov 2023 22:13:20 +0000"});
  CHECK(header_lines(bytes, "Auto-Submitted") == Lines{"Auto-Submitted: auto-generated"});
  CHECK(header_lines(bytes, "MIME-Version") == Lines{"MIME-Version: 1.0"});
}

TEST_CASE("A message's envelope is the address of its sender and its one recipient") {
  const Message message = GmimeComposer{}.compose(example_draft()).value();
  CHECK(message.envelope_from == "no-reply@x.example");
  CHECK(message.envelope_to == "b@y.example");
}

TEST_CASE("The text comes before the HTML and both are UTF-8") {
  MessageDraft draft = example_draft();
  draft.words = {"Grüße", "Text ✉ größer\n", "<p>Größer ✉</p>\n"};
  const std::string bytes = compose(draft);
  const ReadMail read = read_mail(bytes);
  CHECK(read.subject == "Grüße");
  CHECK(with_unix_line_ends(read.text) == draft.words.text);
  CHECK(with_unix_line_ends(read.html) == draft.words.html);
  CHECK(bytes.find("Content-Type: text/plain; charset=utf-8") < bytes.find("Content-Type: text/html; charset=utf-8"));
  CHECK(bytes.find("multipart/alternative") != std::string::npos);
  for (const char c : bytes) REQUIRE(static_cast<unsigned char>(c) < 0x80);
}

TEST_CASE("A sender's name in UTF-8 is an encoded word and reads as it was written") {
  MessageDraft draft = example_draft();
  draft.from = "Zoë Größer <no-reply@x.example>";
  const std::string bytes = compose(draft);
  CHECK(header_lines(bytes, "From").at(0).find("=?") != std::string::npos);
  CHECK(read_mail(bytes).from == "Zoë Größer <no-reply@x.example>");
  CHECK(GmimeComposer{}.compose(draft)->envelope_from == "no-reply@x.example");
}

TEST_CASE("A bare address sends and a reply goes where the draft says") {
  MessageDraft draft = example_draft();
  draft.from = "no-reply@x.example";
  draft.reply_to = "Help <help@x.example>";
  const std::string bytes = compose(draft);
  CHECK(header_lines(bytes, "From") == Lines{"From: no-reply@x.example"});
  CHECK(header_lines(bytes, "Reply-To") == Lines{"Reply-To: Help <help@x.example>"});
}

TEST_CASE("threat 14: a line break in any header is refused") {
  for (const char* broken : {"\r\n", "\n", "\r"}) {
    const std::string injected = std::string{broken} + "Bcc: mallory@x.example";
    MessageDraft draft = example_draft();
    draft.words.subject += injected;
    CHECK(refusal_of(draft) == ErrorCode::internal);
    draft = example_draft();
    draft.to += injected;
    CHECK(refusal_of(draft) == ErrorCode::internal);
    draft = example_draft();
    draft.from += injected;
    CHECK(refusal_of(draft) == ErrorCode::internal);
    draft = example_draft();
    draft.reply_to = "help@x.example" + injected;
    CHECK(refusal_of(draft) == ErrorCode::internal);
    draft = example_draft();
    draft.message_token += injected;
    CHECK(refusal_of(draft) == ErrorCode::internal);
  }
  MessageDraft draft = example_draft();
  draft.words.subject += std::string{'\0'};
  CHECK(refusal_of(draft) == ErrorCode::internal);
}

TEST_CASE("A sender or a reply address that is not exactly one is refused") {
  for (const char* wrong :
       {"", "Site", "a@x.example, b@x.example", "group: a@x.example;", "Site <>", "<a@x.example> <b@x.example>"}) {
    INFO(wrong);
    MessageDraft draft = example_draft();
    draft.from = wrong;
    CHECK(refusal_of(draft) == ErrorCode::internal);
    draft = example_draft();
    draft.reply_to = wrong;
    CHECK(refusal_of(draft) == ErrorCode::internal);
  }
}

TEST_CASE("threat 14: whatever the words hold, the message has no bare line break and no line that ends it early") {
  MessageDraft draft = example_draft();
  draft.words.text = "a\rb\nc\r\nd\n.\n..\nFrom e\n" + std::string(3000, 'x') + "\n" + std::string{'\0'} + "\n";
  draft.words.html = "<p>\r\r\n\n</p>" + std::string(3000, 'y');
  draft.words.subject = std::string(1500, 's') + " " + std::string(500, 'u');
  const std::string bytes = compose(draft);
  CHECK(has_only_crlf(bytes));
  CHECK(longest_line(bytes) <= 998);
}

TEST_CASE("A link longer than a line of the wire comes back whole") {
  MessageDraft draft = example_draft();
  const std::string link =
      "https://h/?user_id=1&email=" + std::string(600, 'e') + "%3D=&signature==" + std::string(108, 'A');
  draft.words.text = "Open:\n\n" + link + "\n\nBye\n";
  CHECK(with_unix_line_ends(read_mail(compose(draft)).text) == draft.words.text);
}

TEST_CASE("The address of a mailbox is what stands in its angle brackets") {
  CHECK(mailbox_address("a@x.example") == "a@x.example");
  CHECK(mailbox_address("Site <a@x.example>") == "a@x.example");
  CHECK(mailbox_address("\"Site, Inc.\" <a@x.example>") == "a@x.example");
  for (const char* none : {"", "Site", "a@x.example, b@x.example", "a@x.example b@x.example"}) {
    INFO(none);
    CHECK_FALSE(mailbox_address(none));
  }
}
