#include <waxseal/keys.hpp>

#include "examples.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using waxseal::test::bytes_of_hex;
using waxseal::test::known_keys;
using waxseal::test::ring_of;
using waxseal::test::signed_link;
using waxseal::test::signing_key;

namespace {

const AccountState example_state{"42", "ada@example.com", "pbkdf2_sha256$1"};

}  // namespace

TEST_CASE("threat 26: the newest key signs and an old key still verifies") {
  KeyRing ring;
  REQUIRE(ring.add(signing_key(known_keys[0])));
  const Link old_link = signed_link(*ring.newest());
  REQUIRE(ring.add(signing_key(known_keys[1])));
  const Link new_link = signed_link(*ring.newest());

  CHECK(ring.newest()->public_key().kid() == known_keys[1].kid);
  const auto old_verified = ring.public_keys().verify(Purpose::register_email, old_link);
  const auto new_verified = ring.public_keys().verify(Purpose::register_email, new_link);
  REQUIRE(old_verified);
  REQUIRE(new_verified);
  CHECK(old_verified->key_id == bytes_of_hex<4>(known_keys[0].kid));
  CHECK(new_verified->key_id == bytes_of_hex<4>(known_keys[1].kid));
}

TEST_CASE("threat 26: a link of a retired key is refused") {
  KeyRing ring;
  REQUIRE(ring.add(signing_key(known_keys[1])));
  CHECK_FALSE(ring.public_keys().verify(Purpose::register_email, signed_link(signing_key(known_keys[0]))));
}

TEST_CASE("A key is found by its id so that an old link's digest can be computed again") {
  KeyRing ring;
  for (const auto& known : known_keys) REQUIRE(ring.add(signing_key(known)));
  for (const auto& known : known_keys) {
    const SigningKey* key = ring.find(bytes_of_hex<4>(known.kid));
    REQUIRE(key != nullptr);
    CHECK(key->public_key().kid() == known.kid);
  }
  CHECK(ring.find(KeyId{}) == nullptr);
}

TEST_CASE("A ring refuses a second key with the same id") {
  KeyRing ring;
  REQUIRE(ring.add(signing_key()));
  const auto added = ring.add(signing_key());
  REQUIRE_FALSE(added);
  CHECK(added.error().code == ErrorCode::internal);
  CHECK(ring.public_keys().keys().size() == 1);
}

TEST_CASE("An empty ring signs nothing and verifies nothing") {
  const KeyRing ring;
  CHECK(ring.newest() == nullptr);
  CHECK(ring.public_keys().empty());
  CHECK_FALSE(ring.public_keys().verify(Purpose::register_email, signed_link(signing_key())));
}

TEST_CASE("A ring of public keys holds a key once however often it is added") {
  PublicKeyRing ring = ring_of(signing_key(known_keys[0]));
  ring.add(signing_key(known_keys[1]).public_key());
  ring.add(signing_key(known_keys[0]).public_key());
  CHECK(ring.keys().size() == 2);
  CHECK(ring.verify(Purpose::register_email, signed_link(signing_key(known_keys[0]))));
}

TEST_CASE("A key that was moved signs as before") {
  SigningKey first = signing_key();
  const Link before = signed_link(first);
  SigningKey moved{std::move(first)};
  CHECK(signed_link(moved) == before);
  SigningKey assigned = signing_key(known_keys[1]);
  assigned = std::move(moved);
  CHECK(signed_link(assigned) == before);
}

// Computed with Python's hashlib.blake2b, the key derived as libsodium documents crypto_kdf.
TEST_CASE("The state digest is the one that another implementation computes") {
  CHECK(encode_hex(signing_key().state_digest(example_state)) == "b11dd1fd6ff94a87");
}

TEST_CASE("The state digest changes with the user and with the address and with the credential") {
  const SigningKey key = signing_key();
  const StateDigest digest = key.state_digest(example_state);
  const AccountState others[] = {
      {"43", "ada@example.com", "pbkdf2_sha256$1"},
      {"42", "ada@example.org", "pbkdf2_sha256$1"},
      {"42", "Ada@example.com", "pbkdf2_sha256$1"},
      {"42", "ada@example.com", "pbkdf2_sha256$2"},
      {"42", "ada@example.com", ""},
      {"42", "", "pbkdf2_sha256$1"},
  };
  for (const AccountState& other : others) {
    INFO(other.user_id << " " << other.current_email << " " << other.credential);
    CHECK(key.state_digest(other) != digest);
  }
  CHECK(key.state_digest(example_state) == digest);
}

TEST_CASE("The state digest changes with the key") {
  CHECK(signing_key(known_keys[0]).state_digest(example_state) !=
        signing_key(known_keys[1]).state_digest(example_state));
}

TEST_CASE("Parts of a state that join to the same text give different digests") {
  const SigningKey key = signing_key();
  const StateDigest digest = key.state_digest({"42", "ada@example.com", "x"});
  CHECK(key.state_digest({"4", "2ada@example.com", "x"}) != digest);
  CHECK(key.state_digest({"42", "ada@example.comx", ""}) != digest);
  CHECK(key.state_digest({"42ada@example.com", "", "x"}) != digest);
  CHECK(key.state_digest({"", "42ada@example.com", "x"}) != digest);
}
