#include "adapters/idn/libidn2_encoder.hpp"

#include "flows/link_policy.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;

namespace {

std::string encoded(std::string_view domain) { return Libidn2Encoder{}.to_ascii(domain).value_or("-"); }

/// The address as it would be stored, or "-".
std::string stored(std::string_view email, EmailPolicy policy) {
  LinkPolicy links;
  links.email_policy = policy;
  const Libidn2Encoder encoder;
  const auto address = EmailRules{links, encoder}.parse(email);
  return address ? address->envelope() : "-";
}

}  // namespace

// Pairs as RFC 5891 and UTS 46 (non-transitional) have them, checked against Python's idna package.
TEST_CASE("A domain becomes its A-labels by IDNA 2008") {
  CHECK(encoded("bücher.example") == "xn--bcher-kva.example");
  CHECK(encoded("faß.example") == "xn--fa-hia.example");      // IDNA 2003 would make it fass
  CHECK(encoded("βόλος.example") == "xn--nxasmm1c.example");  // and fold the final sigma
  CHECK(encoded("例え.テスト") == "xn--r8jz45g.xn--zckzah");
  CHECK(encoded("пример.испытание") == "xn--e1afmkfd.xn--80akhbyknj4f");
}

TEST_CASE("A domain is encoded in lower case whatever case it came in") {
  CHECK(encoded("BÜCHER.Example") == "xn--bcher-kva.example");
}

TEST_CASE("Spellings that UTS 46 maps to one domain are one domain") {
  CHECK(encoded("bu\u0308cher.example") == "xn--bcher-kva.example");  // decomposed
  CHECK(encoded("ｂücher.example") == "xn--bcher-kva.example");       // full width
  CHECK(encoded("bücher。example") == "xn--bcher-kva.example");       // ideographic full stop
}

TEST_CASE("What is no domain has no A-labels") {
  for (const std::string_view domain :
       {std::string_view{"bü cher.example"},
        std::string_view{"b\xfc"
                         "cher.example"},
        std::string_view{"ü\0.example", 11}, std::string_view{"-ü.example"}, std::string_view{"ü\u200b-.example"}}) {
    INFO(domain);
    CHECK(encoded(domain) == "-");
  }
  std::string long_label;
  for (int i = 0; i < 60; ++i) long_label += "ü";
  CHECK(encoded(long_label + ".example") == "-");
}

TEST_CASE("No letter of another script can put a character of the URL or the mail grammar into a domain") {
  for (const EmailPolicy policy : {EmailPolicy::strict, EmailPolicy::django}) {
    for (const char* email :
         {"a@exa／mple.com", "a@ü＠mallory.com", "a@exa\u2100mple.com", "a@ü\u200d.com", "a@ü\u00ad\u3000.com",
          "a@ü\r\n.com", "a@ü,b.com", "a@ü>.com", "a@ü..com", "a@ü.", "a@.ü"}) {
      INFO(email);
      CHECK(stored(email, policy) == "-");
    }
  }
}

TEST_CASE("The Kelvin sign in a domain is the letter k, and the mail goes to the domain that is stored") {
  CHECK(stored("a@\u212Aelvin.example", EmailPolicy::strict) == "a@kelvin.example");
}
