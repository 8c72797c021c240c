#include <waxseal/check.hpp>
#include <waxseal/django_signer.hpp>

#include "examples.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using waxseal::test::example_issued_unix_s;
using waxseal::test::known_keys;
using waxseal::test::ring_of;
using waxseal::test::signed_link;
using waxseal::test::signing_key;
using Names = waxseal::FieldNames;

namespace {

constexpr std::int64_t week_s = 7 * 24 * 3600;

CheckOptions options_at(std::int64_t now_unix_s, const PublicKeyRing* keys = nullptr) {
  CheckOptions options;
  options.now = from_unix_s(now_unix_s);
  options.keys = keys;
  return options;
}

std::string url_of(const Link& link) { return write_link("https://h/verify-email/", link); }

/// A link as the django scheme signs it, with the same claims as `signed_link`.
Link django_link() {
  Link link = signed_link(signing_key());
  link.signature = DjangoSigner::create("k")->sign(link);
  return link;
}

}  // namespace

TEST_CASE("A fresh link is ready and brings its values and its times") {
  const Link link = signed_link(signing_key());
  const LinkCheck check = check_link(url_of(link), options_at(example_issued_unix_s));
  CHECK(check.status == LinkStatus::ready);
  CHECK_FALSE(check.code);
  CHECK(check.link == link);
  CHECK(check.issued_at == from_unix_s(example_issued_unix_s));
  CHECK(check.expires_at == from_unix_s(example_issued_unix_s + week_s));
  CHECK(check.missing.empty());
  CHECK_FALSE(check.unknown_key);
}

TEST_CASE("Without keys nothing is said of who signed a link") {
  CHECK_FALSE(check_link(url_of(signed_link(signing_key())), options_at(example_issued_unix_s)).authentic.has_value());
  CHECK_FALSE(check_link(url_of(django_link()), options_at(example_issued_unix_s)).authentic.has_value());
}

TEST_CASE("A link that a key confirms is authentic") {
  const PublicKeyRing keys = ring_of(signing_key());
  const LinkCheck check = check_link(url_of(signed_link(signing_key())), options_at(example_issued_unix_s, &keys));
  CHECK(check.status == LinkStatus::ready);
  CHECK(check.authentic == true);
}

TEST_CASE("A link is ready at exactly the end of its period and expired a second later") {
  const std::string url = url_of(signed_link(signing_key()));
  CHECK(check_link(url, options_at(example_issued_unix_s + week_s)).status == LinkStatus::ready);
  const LinkCheck late = check_link(url, options_at(example_issued_unix_s + week_s + 1));
  CHECK(late.status == LinkStatus::expired);
  CHECK(late.code == ErrorCode::link_expired);
  CHECK(late.link == signed_link(signing_key()));
  CHECK(late.expires_at == from_unix_s(example_issued_unix_s + week_s));
}

TEST_CASE("The period of a check is the caller's") {
  CheckOptions options = options_at(example_issued_unix_s + 61);
  options.period = std::chrono::seconds{60};
  CHECK(check_link(url_of(signed_link(signing_key())), options).status == LinkStatus::expired);
  options.period = std::chrono::seconds{61};
  CHECK(check_link(url_of(signed_link(signing_key())), options).status == LinkStatus::ready);
}

TEST_CASE("An expired link that a key confirms is still authentic") {
  const PublicKeyRing keys = ring_of(signing_key());
  const auto check =
      check_link(url_of(signed_link(signing_key())), options_at(example_issued_unix_s + week_s + 1, &keys));
  CHECK(check.status == LinkStatus::expired);
  CHECK(check.authentic == true);
}

TEST_CASE("A link that the key does not confirm is altered") {
  const PublicKeyRing keys = ring_of(signing_key());
  Link link = signed_link(signing_key());
  link.email = "mallory@example.com";
  const LinkCheck check = check_link(url_of(link), options_at(example_issued_unix_s, &keys));
  CHECK(check.status == LinkStatus::altered);
  CHECK(check.code == ErrorCode::link_altered);
  CHECK(check.authentic == false);
  CHECK_FALSE(check.unknown_key);
  CHECK(check.link == link);
  CHECK(check.issued_at == from_unix_s(example_issued_unix_s));
}

TEST_CASE("An altered link is called altered even when it is expired too") {
  const PublicKeyRing keys = ring_of(signing_key());
  Link link = signed_link(signing_key());
  link.timestamp = "5";
  CHECK(check_link(url_of(link), options_at(example_issued_unix_s, &keys)).status == LinkStatus::altered);
  link.signature = "cut";
  CHECK(check_link(url_of(link), options_at(example_issued_unix_s)).status == LinkStatus::altered);
}

TEST_CASE("A link whose signature has no form of ours is altered even without keys") {
  Link link = signed_link(signing_key());
  for (const std::string& signature : {link.signature.substr(0, 107), link.signature + "A", std::string{"x"},
                                       link.signature + "=", std::string(129, 'A')}) {
    INFO(signature);
    link.signature = signature;
    const LinkCheck check = check_link(url_of(link), options_at(example_issued_unix_s));
    CHECK(check.status == LinkStatus::altered);
    CHECK(check.authentic == false);
    CHECK_FALSE(check.unknown_key);
  }
}

TEST_CASE("A django link is ready without keys") {
  CHECK(check_link(url_of(django_link()), options_at(example_issued_unix_s)).status == LinkStatus::ready);
}

TEST_CASE("threat 29: with keys a django link is altered and its address is never shown as genuine") {
  const PublicKeyRing keys = ring_of(signing_key());
  const LinkCheck check = check_link(url_of(django_link()), options_at(example_issued_unix_s, &keys));
  CHECK(check.status == LinkStatus::altered);
  CHECK(check.authentic == false);
  CHECK_FALSE(check.unknown_key);
}

TEST_CASE("A link of a key that the set lacks is altered and asks for the set again") {
  const PublicKeyRing other = ring_of(signing_key(known_keys[1]));
  const PublicKeyRing none;
  for (const PublicKeyRing* keys : {&other, &none}) {
    const LinkCheck check = check_link(url_of(signed_link(signing_key())), options_at(example_issued_unix_s, keys));
    CHECK(check.status == LinkStatus::altered);
    CHECK(check.authentic == false);
    CHECK(check.unknown_key);
    CHECK(check.link == signed_link(signing_key()));
  }
}

TEST_CASE("With an empty set of keys a django link is altered") {
  const PublicKeyRing none;
  CHECK(check_link(url_of(django_link()), options_at(example_issued_unix_s, &none)).status == LinkStatus::altered);
}

TEST_CASE("A genuine link checked for the other purpose is altered") {
  const PublicKeyRing keys = ring_of(signing_key());
  for (const Purpose signed_for : {Purpose::register_email, Purpose::undo_email}) {
    for (const Purpose checked_for : {Purpose::register_email, Purpose::undo_email}) {
      CheckOptions options = options_at(example_issued_unix_s, &keys);
      options.purpose = checked_for;
      const LinkCheck check = check_link(url_of(signed_link(signing_key(), signed_for)), options);
      CHECK(check.status == (signed_for == checked_for ? LinkStatus::ready : LinkStatus::altered));
    }
  }
}

TEST_CASE("A link without all its values is malformed and says which are missing") {
  const PublicKeyRing keys = ring_of(signing_key());
  const LinkCheck check = check_link("https://h/?user_id=1&timestamp=5", options_at(0, &keys));
  CHECK(check.status == LinkStatus::malformed);
  CHECK(check.code == ErrorCode::link_malformed);
  CHECK(check.missing == Names{"email", "signature"});
  CHECK(check.link == Link{});
  CHECK_FALSE(check.issued_at);
  CHECK_FALSE(check.expires_at);
  CHECK_FALSE(check.authentic.has_value());
  CHECK_FALSE(check.unknown_key);
}

TEST_CASE("A link with a timestamp that is no canonical number is malformed with nothing missing") {
  Link link = signed_link(signing_key());
  for (const std::string_view timestamp : {"soon", "01700000000", "1700000000.5", "9007199254740993", " 5"}) {
    INFO(timestamp);
    link.timestamp = std::string{timestamp};
    const LinkCheck check = check_link(url_of(link), options_at(example_issued_unix_s));
    CHECK(check.status == LinkStatus::malformed);
    CHECK(check.code == ErrorCode::link_malformed);
    CHECK(check.missing.empty());
    CHECK(check.link == Link{});
  }
}

TEST_CASE("A link with a value given twice is malformed") {
  CHECK(check_link(url_of(signed_link(signing_key())) + "&email=x", options_at(0)).status == LinkStatus::malformed);
}

TEST_CASE("A link is checked in the spelling of its template and in no other") {
  const auto link_template = LinkTemplate::parse("https://h/#/v/{user_id}/{email}/{timestamp}/{signature}");
  REQUIRE(link_template);
  const PublicKeyRing keys = ring_of(signing_key());
  const Link link = signed_link(signing_key());
  CheckOptions options = options_at(example_issued_unix_s, &keys);
  options.link_template = &*link_template;
  const LinkCheck check = check_link(link_template->write(link), options);
  CHECK(check.status == LinkStatus::ready);
  CHECK(check.authentic == true);
  CHECK(check.link == link);
  CHECK(check_link(url_of(link), options).status == LinkStatus::malformed);
  CHECK(check_link("https://h/#/v/42/a@b.co", options).missing == Names{"timestamp", "signature"});
}

TEST_CASE("The statuses of a check have the names that the page reads") {
  CHECK(wire_name(LinkStatus::ready) == "ready");
  CHECK(wire_name(LinkStatus::expired) == "expired");
  CHECK(wire_name(LinkStatus::altered) == "altered");
  CHECK(wire_name(LinkStatus::malformed) == "malformed");
}
