// Whoever holds the secret half signs again and compares. It must refuse whatever the public half refuses.

#include <waxseal/keys.hpp>

#include "examples.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

/// The order of Ed25519's group, little endian (RFC 8032 section 5.1).
const ByteArray<32> group_order = bytes_of_hex<32>("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

Ed25519Signature example_signature(const SigningKey& key) {
  return key.sign(Purpose::register_email, example_claims(), example_version, example_digest);
}

/// The same signature with S + L in the place of S: the equation holds all the same, and RFC 8032 refuses it.
Ed25519Signature with_other_scalar(Ed25519Signature signature) {
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += signature.signature[32 + i] + static_cast<unsigned>(group_order[i]);
    signature.signature[32 + i] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  return signature;
}

}  // namespace

TEST_CASE("A ring with its secret halves confirms what it signed, as the public halves do") {
  KeyRing ring;
  for (const auto& known : known_keys) REQUIRE(ring.add(signing_key(known)));
  for (const auto& known : known_keys) {
    for (const Purpose purpose : {Purpose::register_email, Purpose::undo_email}) {
      const auto confirmed = ring.verify(purpose, signed_link(signing_key(known), purpose));
      REQUIRE(confirmed);
      CHECK(confirmed->key_id == bytes_of_hex<4>(known.kid));
      CHECK(confirmed->link_version == example_version);
      CHECK(confirmed->state_digest == example_digest);
    }
  }
}

TEST_CASE("A link that was changed anywhere is refused alike with and without the secret halves") {
  KeyRing ring;
  REQUIRE(ring.add(signing_key()));
  const Link genuine = signed_link(signing_key());
  const auto refused_alike = [&](const Link& link, Purpose purpose = Purpose::register_email) {
    const auto with_secret = ring.verify(purpose, link);
    const auto without = ring.public_keys().verify(purpose, link);
    REQUIRE_FALSE(with_secret);
    REQUIRE_FALSE(without);
    CHECK(with_secret.error().code == without.error().code);
    CHECK(with_secret.error().log_detail == without.error().log_detail);
  };
  for (std::string Link::*value : {&Link::user_id, &Link::email, &Link::timestamp, &Link::signature}) {
    for (std::size_t i = 0; i < (genuine.*value).size(); ++i) {
      Link changed = genuine;
      (changed.*value)[i] = (changed.*value)[i] == '1' ? '2' : '1';
      if (changed.*value != genuine.*value) refused_alike(changed);
    }
    Link longer = genuine;
    (longer.*value) += "A";
    refused_alike(longer);
    Link empty = genuine;
    (empty.*value).clear();
    refused_alike(empty);
  }
  refused_alike(genuine, Purpose::undo_email);
}

TEST_CASE("A signature that was changed in one bit is refused alike with and without the secret half") {
  const SigningKey key = signing_key();
  for (std::size_t bit = 0; bit < 512; ++bit) {
    Ed25519Signature changed = example_signature(key);
    changed.signature[bit / 8] = static_cast<std::uint8_t>(changed.signature[bit / 8] ^ 1U << bit % 8);
    CHECK_FALSE(key.signed_this(Purpose::register_email, example_claims(), changed));
    CHECK_FALSE(key.public_key().verifies(Purpose::register_email, example_claims(), changed));
  }
}

TEST_CASE("The second spelling of a signature's scalar is refused alike with and without the secret half") {
  const SigningKey key = signing_key();
  const Ed25519Signature malleated = with_other_scalar(example_signature(key));
  CHECK(malleated.signature != example_signature(key).signature);
  CHECK_FALSE(key.signed_this(Purpose::register_email, example_claims(), malleated));
  CHECK_FALSE(key.public_key().verifies(Purpose::register_email, example_claims(), malleated));
}

TEST_CASE("Points of small order in a signature are refused alike with and without the secret half") {
  const SigningKey key = signing_key();
  for (const std::uint8_t first : {0, 1}) {  // of order 4, and the neutral element
    Ed25519Signature crafted = example_signature(key);
    crafted.signature.fill(0);
    crafted.signature[0] = first;
    CHECK_FALSE(key.signed_this(Purpose::register_email, example_claims(), crafted));
    CHECK_FALSE(key.public_key().verifies(Purpose::register_email, example_claims(), crafted));
  }
}
