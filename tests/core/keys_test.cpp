#include <waxseal/keys.hpp>

#include "examples.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using waxseal::test::bytes_of_hex;
using waxseal::test::example_claims;
using waxseal::test::example_digest;
using waxseal::test::example_version;
using waxseal::test::known_keys;
using waxseal::test::ring_of;
using waxseal::test::signed_link;
using waxseal::test::signing_key;

TEST_CASE("A seed gives the public key of RFC 8032") {
  for (const auto& known : known_keys) {
    CHECK(signing_key(known).public_key().bytes() == bytes_of_hex<32>(known.public_key));
  }
}

TEST_CASE("A key id is the first four bytes of the public key's SHA-256") {
  for (const auto& known : known_keys) {
    const PublicKey key{bytes_of_hex<32>(known.public_key)};
    CHECK(key.kid() == known.kid);
    CHECK(key.id() == bytes_of_hex<4>(known.kid));
  }
}

TEST_CASE("A public key is read from the x of its JWK") {
  const auto key = PublicKey::parse("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");  // RFC 8037 appendix A.2
  REQUIRE(key);
  CHECK(key->bytes() == bytes_of_hex<32>(known_keys[0].public_key));
}

TEST_CASE("A text that is not 32 bytes of canonical base64url is no public key") {
  for (const std::string_view text :
       {"", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUR",
        "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURoA"}) {
    INFO(text);
    const auto key = PublicKey::parse(text);
    REQUIRE_FALSE(key);
    CHECK(key.error().code == ErrorCode::signature_invalid);
  }
}

// Both were made with OpenSSL over bytes put together in Python from the specification of the format.
TEST_CASE("The signature of a link is the one that another implementation makes") {
  CHECK(signed_link(signing_key()).signature ==
        "ASH-Md8AAAAHAQIDBAUGBwhe5h6wRXIPBsM1fpG0vhi0BeVTpaTdqFL8MDvW1xfGOHYA5n_H9x03dKLuZInXMtdfRUaQpf5BKta7EZ_XedAP");
  const auto undo = signing_key().sign(Purpose::undo_email, example_claims(), example_version, StateDigest{});
  CHECK(encode_signature(undo) ==
        "ASH-Md8AAAAHAAAAAAAAAAAFPua-4pBrRChgW8fE8pt4mpz9E3CEZPqzdSv9D_vnFj9ONKR6Sha0wWqSMnkNcQ7J8zOJ_2N40I_2yXQCDnoO");
}

TEST_CASE("A verified link says which key and version and digest were signed") {
  const SigningKey key = signing_key();
  const auto verified = ring_of(key).verify(Purpose::register_email, signed_link(key));
  REQUIRE(verified);
  CHECK(verified->key_id == key.public_key().id());
  CHECK(verified->link_version == example_version);
  CHECK(verified->state_digest == example_digest);
}

TEST_CASE("threat 4: a link of one purpose never passes for the other") {
  const SigningKey key = signing_key();
  const PublicKeyRing ring = ring_of(key);
  for (const Purpose signed_for : {Purpose::register_email, Purpose::undo_email}) {
    for (const Purpose used_for : {Purpose::register_email, Purpose::undo_email}) {
      INFO(wire_name(signed_for) << " used for " << wire_name(used_for));
      CHECK(ring.verify(used_for, signed_link(key, signed_for)).has_value() == (signed_for == used_for));
    }
  }
}

TEST_CASE("A link with any claim altered is refused") {
  const SigningKey key = signing_key();
  const PublicKeyRing ring = ring_of(key);
  const Link genuine = signed_link(key);
  REQUIRE(ring.verify(Purpose::register_email, genuine));
  const auto altered = [&](auto change) {
    Link link = genuine;
    change(link);
    return link;
  };
  const Link others[] = {
      altered([](Link& link) { link.user_id = "43"; }),
      altered([](Link& link) { link.user_id = "042"; }),
      altered([](Link& link) { link.user_id = ""; }),
      altered([](Link& link) { link.email = "mallory@example.com"; }),
      altered([](Link& link) { link.email = "Ada.new@bücher.example"; }),
      altered([](Link& link) { link.email = "ada.new@xn--bcher-kva.example"; }),
      altered([](Link& link) { link.email += ' '; }),
      altered([](Link& link) { link.timestamp = "1700000001"; }),
      altered([](Link& link) { link.timestamp = "01700000000"; }),
      altered([](Link& link) { link.timestamp = "1700000000 "; }),
      altered([](Link& link) { link.user_id = "4", link.email = "2" + link.email; }),
      altered([](Link& link) { std::swap(link.user_id, link.email); }),
  };
  for (const Link& link : others) {
    INFO(link.user_id << " " << link.email << " " << link.timestamp);
    const auto verified = ring.verify(Purpose::register_email, link);
    REQUIRE_FALSE(verified);
    CHECK(verified.error().code == ErrorCode::signature_invalid);
  }
}

TEST_CASE("threat 22: a signature with any bit turned over is refused") {
  const SigningKey key = signing_key();
  const PublicKeyRing ring = ring_of(key);
  Link link = signed_link(key);
  const Bytes genuine = *decode_base64url(link.signature);
  for (std::size_t bit = 0; bit < genuine.size() * 8; ++bit) {
    Bytes turned = genuine;
    turned[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    link.signature = encode_base64url(turned);
    INFO(bit);
    CHECK_FALSE(ring.verify(Purpose::register_email, link));
  }
}

TEST_CASE("A signature with the group order added to its scalar is refused") {
  // RFC 8032 section 5.1.7: without the check S < L everybody could make a second signature of any link.
  const auto group_order = bytes_of_hex<32>("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  const SigningKey key = signing_key();
  auto signature = key.sign(Purpose::register_email, example_claims(), example_version, example_digest);
  unsigned carry = 0;
  for (std::size_t i = 0; i < group_order.size(); ++i) {
    carry += static_cast<unsigned>(signature.signature[32 + i]) + group_order[i];
    signature.signature[32 + i] = static_cast<std::uint8_t>(carry & 0xffU);
    carry >>= 8;
  }
  REQUIRE(carry == 0);
  CHECK_FALSE(key.public_key().verifies(Purpose::register_email, example_claims(), signature));
}

TEST_CASE("A public key of small order confirms nothing") {
  ByteArray<32> identity{};
  identity[0] = 1;
  const PublicKey key{identity};
  Ed25519Signature signature{key.id(), example_version, example_digest, {}};
  signature.signature[0] = 1;  // R is the identity too and S is 0: the equation holds for every message
  CHECK_FALSE(key.verifies(Purpose::register_email, example_claims(), signature));
}

TEST_CASE("A key that the ring does not have is named as unknown") {
  const auto verified = ring_of(signing_key(known_keys[1])).verify(Purpose::register_email, signed_link(signing_key()));
  REQUIRE_FALSE(verified);
  CHECK(verified.error().code == ErrorCode::signature_invalid);
  CHECK(verified.error().log_detail == "unknown key 21fe31df");
}

TEST_CASE("Another key under the right id confirms nothing") {
  auto signature = signing_key().sign(Purpose::register_email, example_claims(), example_version, example_digest);
  signature.key_id = signing_key(known_keys[1]).public_key().id();
  Link link = signed_link(signing_key());
  link.signature = encode_signature(signature);
  const auto verified = ring_of(signing_key(known_keys[1])).verify(Purpose::register_email, link);
  REQUIRE_FALSE(verified);
  CHECK(verified.error().log_detail == "no match with key 39f713d0");
}

TEST_CASE("A django signature is refused by public keys") {
  Link link = signed_link(signing_key());
  link.signature = encode_base64url(Bytes(32, 0));
  CHECK_FALSE(ring_of(signing_key()).verify(Purpose::register_email, link));
}
