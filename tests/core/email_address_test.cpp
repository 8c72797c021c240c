#include <waxseal/email_address.hpp>

#include <map>

#include "support/catch.hpp"
#include "support/vectors.hpp"

using waxseal::canonical_email;
using waxseal::EmailAddress;
using waxseal::EmailPolicy;
using waxseal::Result;

namespace {

const std::string label(60, 'd');
const std::string long_domain = label + "." + label + "." + label + ".example";  // 190 octets

/// The A-labels of the domains in these tests, as IDNA 2008 gives them; U+212A and the like are no domain there.
std::optional<std::string> look_up_a_labels(std::string_view domain) {
  static const std::map<std::string_view, std::string> known = {
      {"bücher.example", "xn--bcher-kva.example"},
      {"BÜCHER.Example", "xn--bcher-kva.example"},
      {"例え.テスト", "xn--r8jz45g.xn--zckzah"},
      {"例例例例例例例例例例例例例例例.example", "xn--fsqaaaaaaaaaaaaaa.example"},
      {"ＬＯＣＡＬＨＯＳＴ", "localhost"},
      {"１.２.３.４４", "1.2.3.44"},
      {"long.bücher.example", long_domain},
  };
  const auto entry = known.find(domain);
  return entry != known.end() ? std::optional{entry->second} : std::nullopt;
}

Result<EmailAddress> strict(std::string_view text) {
  return EmailAddress::parse(text, EmailPolicy::strict, look_up_a_labels);
}
Result<EmailAddress> django(std::string_view text) {
  return EmailAddress::parse(text, EmailPolicy::django, look_up_a_labels);
}

/// Both policies refuse what is against the grammar of every mail server.
void check_refused_by_both(std::string_view text) {
  INFO(text);
  for (const auto& address : {strict(text), django(text)}) {
    REQUIRE_FALSE(address);
    CHECK(address.error().code == waxseal::ErrorCode::invalid_fields);
  }
}

/// Rows that we refuse on purpose although Django takes them: no mail to bare hosts, none that RFC 5321 cannot carry.
bool is_deliberate_difference(const std::string& email) {
  return email.find("@[") != std::string::npos || email.size() > waxseal::max_email_bytes;
}

}  // namespace

TEST_CASE("The django policy accepts what Django REST Registration accepted") {
  int accepted = 0;
  for (const auto& row : waxseal::test::read_vectors("emails.jsonl")) {
    if (!row["accepted"].get<bool>()) continue;
    const auto& value = row["value"].get_ref<const std::string&>();  // trimmed: the HTTP decoder does that
    INFO(row.dump());
    const auto address = django(value);
    REQUIRE(address.has_value() == !is_deliberate_difference(value));
    if (!address) continue;
    CHECK(address->text() == value);
    ++accepted;
  }
  CHECK(accepted > 20);
}

TEST_CASE("The django policy refuses what Django REST Registration refused") {
  int refused = 0;
  for (const auto& row : waxseal::test::read_vectors("emails.jsonl")) {
    if (row["accepted"].get<bool>() || !row["email"].is_string()) continue;  // the HTTP decoder refuses non-strings
    INFO(row.dump());
    CHECK_FALSE(django(row["email"].get_ref<const std::string&>()));
    ++refused;
  }
  CHECK(refused > 40);
}

TEST_CASE("An address is not trimmed") {
  for (const std::string_view text :
       {" user@example.com", "user@example.com ", "user@example.com\n", "\tuser@example.com",
        "user@example.com\xc2\xa0", "\xef\xbb\xbfuser@example.com", " ", ""}) {
    check_refused_by_both(text);
  }
}

TEST_CASE("threat 14: CR and LF and NUL are refused wherever they stand") {
  for (const char character : {'\r', '\n', '\0'}) {
    for (const std::string_view around :
         {"|user@example.com", "us|er@example.com", "user|@example.com", "user@|example.com", "user@exam|ple.com",
          "user@example.com|", "\"us|er\"@example.com", "\"us\\|er\"@example.com", "user@bü|cher.example"}) {
      std::string text{around};
      text[text.find('|')] = character;
      check_refused_by_both(text);
    }
  }
}

TEST_CASE("threat 12: comments and display names and encoded-words and lists are refused") {
  for (const std::string_view text :
       {"user(comment)@example.com", "user@example.com(comment)", "(c)user@example.com", "<user@example.com>",
        "Ada <user@example.com>", "=?utf-8?q?user=40evil.example?=@[1]", "a@b.example,c@d.example",
        "a@b.example;c@d.example", "a@b.example c@d.example", "@relay.example:user@example.com",
        "mailto:user@example.com", "user@example.com>", "user@example.com> SIZE=1", "a@b@example.com",
        "group: user@example.com;"}) {
    check_refused_by_both(text);
  }
}

TEST_CASE("IP literals and dotted numbers in brackets are refused") {
  for (const std::string_view text : {"a@[127.0.0.1]", "a@[IPv6:::1]", "a@[::1]", "a@[x]", "a@127.0.0.1"}) {
    check_refused_by_both(text);
  }
}

TEST_CASE("threat 11: characters that fold to ASCII letters are refused in a local part") {
  for (const std::string_view text :
       {"ma\u0131l@example.com", "\u212Aelvin@example.com", "me\u017F\u017Fage@example.com", "o\uFB00ice@example.com",
        "\u0130da@example.com", "ａda@example.com"}) {
    check_refused_by_both(text);
  }
}

TEST_CASE("Characters that fold to ASCII letters never make a domain equal to another") {
  for (const std::string_view text :
       {"a@ma\u0131l.example", "a@\u212A.example", "a@me\u017F\u017Fage.example", "a@o\uFB00ice.example"}) {
    check_refused_by_both(text);
    INFO(text);
    CHECK(canonical_email(text, look_up_a_labels) == text);
  }
  CHECK(canonical_email("\u212A@example.com", look_up_a_labels) == "\u212A@example.com");
}

TEST_CASE("The strict policy accepts what RFC 5321 carries as it stands") {
  for (const std::string_view text :
       {"a@b.co", "user+tag@example.com", "first.last@sub.example.co.uk", "!#$%&'*+-/=?^_`{|}~@example.com",
        "USER@EXAMPLE.COM", "1@2.example", "user@xn--bcher-kva.example", "o'brien@a-b.example", "-@a1.example"}) {
    INFO(text);
    const auto address = strict(text);
    REQUIRE(address);
    CHECK(address->text() == text);
    CHECK(address->envelope() == text);
  }
}

TEST_CASE("The strict policy refuses what only Django accepts") {
  for (const std::string_view text :
       {"\"quoted\"@example.com", "\"a\\\"b\"@example.com", "\"\"@example.com", "user@localhost", "user@example.123"}) {
    INFO(text);
    CHECK(django(text));
    CHECK_FALSE(strict(text));
  }
}

TEST_CASE("The strict policy refuses a domain that a resolver may take for an IP address") {
  for (const std::string_view text : {"user@1.2.3.45", "user@127.0x1", "user@127.0.0.0X7F", "user@example.0x"}) {
    INFO(text);
    CHECK_FALSE(strict(text));
  }
  CHECK(strict("user@example.0xyz"));
}

TEST_CASE("Dots of a local part stand between atoms") {
  for (const std::string_view text :
       {".a@example.com", "a.@example.com", "a..b@example.com", ".@example.com", "@example.com"}) {
    check_refused_by_both(text);
  }
}

TEST_CASE("A domain has labels of letters and digits and inner hyphens") {
  for (const std::string_view text :
       {"a@", "a@example", "a@.example.com", "a@example.com.", "a@exa..mple.com", "a@-example.com", "a@example-.com",
        "a@exa_mple.com", "a@example.c", "a@example.com-", "a@exam ple.com", "a@example.com:25", "a@exa%6dple.com"}) {
    check_refused_by_both(text);
  }
}

TEST_CASE("A quoted local part of the django policy ends with its quote") {
  CHECK(django("\"a\\ b\"@example.com"));
  CHECK(django("\"a@b\"@example.com"));
  for (const std::string_view text :
       {"\"@example.com", "\"a\\\"@example.com", "\"a\"b\"@example.com", "\"a b\"@example.com", "\"a\tb\"@example.com",
        "\"\u00e9\"@example.com", "\"a\".b@example.com"}) {
    check_refused_by_both(text);
  }
}

TEST_CASE("A local part has at most 64 octets under the strict policy") {
  CHECK(strict(std::string(64, 'l') + "@example.com"));
  CHECK_FALSE(strict(std::string(65, 'l') + "@example.com"));
  CHECK(django(std::string(65, 'l') + "@example.com"));
}

TEST_CASE("A label of a domain has at most 63 octets") {
  CHECK(strict("a@" + std::string(63, 'd') + ".com"));
  CHECK(strict("a@b." + std::string(63, 't')));
  check_refused_by_both("a@" + std::string(64, 'd') + ".com");
  check_refused_by_both("a@b." + std::string(64, 't'));
}

TEST_CASE("An address has at most 254 octets") {
  CHECK(strict(std::string(63, 'l') + "@" + long_domain));
  CHECK(django(std::string(63, 'l') + "@" + long_domain));
  check_refused_by_both(std::string(64, 'l') + "@" + long_domain);
}

TEST_CASE("An address is measured in its ASCII form too") {
  CHECK(strict(std::string(63, 'l') + "@long.bücher.example"));
  check_refused_by_both(std::string(64, 'l') + "@long.bücher.example");
}

TEST_CASE("An address over 254 octets is refused even if its ASCII form is shorter") {
  const std::string domain = "@例例例例例例例例例例例例例例例.example";  // 54 octets, 30 in A-labels
  CHECK(django(std::string(254 - domain.size(), 'l') + domain));
  CHECK_FALSE(django(std::string(255 - domain.size(), 'l') + domain));
}

TEST_CASE("The strict policy stores an international domain in A-labels and the django policy as given") {
  const auto by_strict = strict("Ada@BÜCHER.Example");
  const auto by_django = django("Ada@BÜCHER.Example");
  REQUIRE(by_strict);
  REQUIRE(by_django);
  CHECK(by_strict->text() == "Ada@xn--bcher-kva.example");
  CHECK(by_django->text() == "Ada@BÜCHER.Example");
}

TEST_CASE("The envelope has the local part as given and the domain in A-labels") {
  CHECK(django("Ada@例え.テスト")->envelope() == "Ada@xn--r8jz45g.xn--zckzah");
  CHECK(strict("Ada@例え.テスト")->envelope() == "Ada@xn--r8jz45g.xn--zckzah");
  CHECK(django("Ada@Example.COM")->envelope() == "Ada@Example.COM");
}

TEST_CASE("Without an encoder every international domain is refused") {
  for (const EmailPolicy policy : {EmailPolicy::strict, EmailPolicy::django}) {
    CHECK_FALSE(EmailAddress::parse("user@bücher.example", policy, {}));
    CHECK(EmailAddress::parse("user@xn--bcher-kva.example", policy, {}));
  }
}

TEST_CASE("The encoder never sees an ASCII domain nor bytes that are not UTF-8") {
  const auto unreachable = [](std::string_view) -> std::optional<std::string> { return "reached.example"; };
  CHECK(EmailAddress::parse("a@EXAMPLE.com", EmailPolicy::strict, unreachable)->canonical() == "a@example.com");
  CHECK_FALSE(EmailAddress::parse("a@b\xff.example", EmailPolicy::strict, unreachable));
  CHECK_FALSE(EmailAddress::parse("a@\xed\xa0\x80.example", EmailPolicy::django, unreachable));
}

TEST_CASE("What an encoder answers is checked like any domain") {
  for (const std::string_view answer :
       {"", "example", "a b.example", "a\r\n.example", "-a.example", "evil@b.example"}) {
    const auto encoder = [&](std::string_view) { return std::optional<std::string>{answer}; };
    INFO(answer);
    CHECK_FALSE(EmailAddress::parse("a@é.example", EmailPolicy::strict, encoder));
    CHECK_FALSE(EmailAddress::parse("a@é.example", EmailPolicy::django, encoder));
  }
  CHECK_FALSE(django("a@ＬＯＣＡＬＨＯＳＴ"));
  CHECK_FALSE(strict("a@１.２.３.４４"));
}
