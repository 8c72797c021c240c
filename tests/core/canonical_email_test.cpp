#include <waxseal/email_address.hpp>

#include "support/catch.hpp"

using waxseal::canonical_email;
using waxseal::EmailAddress;
using waxseal::EmailPolicy;
using waxseal::is_utf8;
using waxseal::masked_email;

namespace {

std::optional<std::string> encode_books(std::string_view domain) {
  if (domain == "bücher.example" || domain == "Bücher.EXAMPLE") return "xn--bcher-kva.example";
  return std::nullopt;
}

std::string canonical_of(std::string_view text) {
  const auto address = EmailAddress::parse(text, EmailPolicy::django, encode_books);
  REQUIRE(address);
  return address->canonical();
}

}  // namespace

TEST_CASE("Addresses that differ in ASCII case only have one canonical spelling") {
  CHECK(canonical_of("Ada@Example.COM") == "ada@example.com");
  CHECK(canonical_of("ada@example.com") == "ada@example.com");
  CHECK(canonical_of("\"Ada\"@Example.COM") == "\"ada\"@example.com");
}

TEST_CASE("An international domain and its A-labels have one canonical spelling") {
  CHECK(canonical_of("Ada@bücher.example") == "ada@xn--bcher-kva.example");
  CHECK(canonical_of("ada@Bücher.EXAMPLE") == "ada@xn--bcher-kva.example");
  CHECK(canonical_of("ada@XN--BCHER-KVA.example") == "ada@xn--bcher-kva.example");
  CHECK(canonical_email("\"A@b\"@bücher.example", encode_books) == "\"a@b\"@xn--bcher-kva.example");
}

TEST_CASE("Dots and plus tags are not folded") {
  CHECK(canonical_of("a.da+tag@example.com") == "a.da+tag@example.com");
}

TEST_CASE("An address has the same canonical spelling under both policies and by itself") {
  for (const std::string_view text : {"Ada@Example.COM", "ada@bücher.example", "A.B+c@XN--BCHER-KVA.example"}) {
    INFO(text);
    const auto by_strict = EmailAddress::parse(text, EmailPolicy::strict, encode_books);
    REQUIRE(by_strict);
    CHECK(by_strict->canonical() == canonical_of(text));
    CHECK(canonical_email(text, encode_books) == canonical_of(text));
    CHECK(canonical_email(by_strict->text(), encode_books) == canonical_of(text));
  }
}

TEST_CASE("A text that is no address is its own canonical spelling in ASCII lower case") {
  CHECK(canonical_email("", encode_books).empty());
  CHECK(canonical_email("NoAddress", encode_books) == "noaddress");
  CHECK(canonical_email("A@", encode_books) == "a@");
  CHECK(canonical_email("A@ÜBER.Example", encode_books) == "a@Über.example");
  CHECK(canonical_email("A@bücher.example", {}) == "a@bücher.example");
  CHECK(canonical_email("A@\xFF.Example", encode_books) == "a@\xFF.example");
}

TEST_CASE("ASCII lower case leaves every other byte alone") {
  CHECK(waxseal::ascii_lower("AZ az 09 @[`{ Ä\u0130\u212A") == "az az 09 @[`{ Ä\u0130\u212A");
  CHECK(waxseal::ascii_lower("\xC3\x84\xFF") == "\xC3\x84\xFF");
}

TEST_CASE("A masked address shows the first characters and the top-level domain") {
  CHECK(masked_email("ada@example.com") == "a***@e***.com");
  CHECK(masked_email("ada.lovelace@mail.example.co.uk") == "a***@m***.uk");
  CHECK(masked_email("a@b.co") == "a***@b***.co");
  CHECK(masked_email("user@localhost") == "u***@l***");
  CHECK(masked_email("\"a@b\"@example.com") == "\"***@e***.com");
}

TEST_CASE("A masked address never cuts a character in two") {
  CHECK(masked_email("ada@例え.テスト") == "a***@例***.テスト");
  CHECK(masked_email("🦊ada@example.com") == "🦊***@e***.com");
}

TEST_CASE("A text that is no address is masked whole") {
  CHECK(masked_email("") == "***");
  CHECK(masked_email("secret") == "***");
  CHECK(masked_email("@example.com") == "***");
  CHECK(masked_email("a@") == "a***@***");
}

TEST_CASE("Well-formed UTF-8 is recognised at the edges of every length") {
  for (const std::string_view text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "aé文🦊z"}) {
    INFO(text);
    CHECK(is_utf8(text));
  }
  CHECK(is_utf8(std::string_view{"\0", 1}));
}

TEST_CASE("Overlong forms and surrogates and stray bytes are not UTF-8") {
  for (const std::string_view text : {
           "\x80",
           "\xbf",
           "\xfe",
           "\xff",
           "a\x80",
           "é\x80",  // stray
           "\xc0\xaf",
           "\xc1\xbf",
           "\xe0\x9f\xbf",
           "\xf0\x8f\xbf\xbf",  // overlong
           "\xed\xa0\x80",
           "\xed\xbf\xbf",  // surrogates
           "\xf4\x90\x80\x80",
           "\xf5\x80\x80\x80",
           "\xf8\x88\x80\x80\x80",  // beyond U+10FFFF
           "\xc2",
           "\xe0\xa0",
           "\xf0\x90\x80",
           "\xc2 ",
           "\xe0\xa0 ",
           "\xf0\x90\x80 ",
           "\xe2\x28\xa1",  // cut
       }) {
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("UTF-8 is not read beyond the end of the text") {
  const std::string_view whole = "🦊";
  for (std::size_t size = 1; size < whole.size(); ++size) CHECK_FALSE(is_utf8(whole.substr(0, size)));
}

TEST_CASE("A masked address shows no control character and no broken byte") {
  CHECK(masked_email("\ra@example.com") == "***@e***.com");
  CHECK(masked_email("\xff@example.com") == "***@e***.com");
  CHECK(masked_email("a@example.c\nm") == "a***@e***");
}
