#include <waxseal/signature.hpp>

#include <random>

#include "examples.hpp"
#include "support/catch.hpp"

using waxseal::Bytes;
using waxseal::decode_signature;
using waxseal::Ed25519Signature;
using waxseal::encode_base64url;
using waxseal::encode_signature;
using waxseal::ErrorCode;
using waxseal::form_of_signature;
using waxseal::Purpose;
using waxseal::SignatureForm;

namespace {

constexpr std::size_t form_bytes = 81;

/// 0x01, then 2, 3, 4 … so that every byte names its place.
Bytes counting_bytes() {
  Bytes bytes;
  for (std::size_t i = 1; i <= form_bytes; ++i) bytes.push_back(static_cast<std::uint8_t>(i));
  return bytes;
}

/// The text with one to three characters put in, taken out or replaced.
std::string mutated(std::string text, std::mt19937& random) {
  constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n";
  for (auto edits = random() % 3 + 1; edits > 0; --edits) {
    const std::size_t place = random() % text.size();
    const char character = characters[random() % characters.size()];
    switch (random() % 4) {
      case 0: text.insert(place, 1, character); break;
      case 1: text.erase(place, 1); break;
      default: text[place] = character;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("A signature is laid out as form byte then key id then version then digest then Ed25519") {
  const auto decoded = decode_signature(encode_base64url(counting_bytes()));
  REQUIRE(decoded);
  CHECK(decoded->key_id == waxseal::KeyId{2, 3, 4, 5});
  CHECK(decoded->link_version == 0x06070809);
  CHECK(decoded->state_digest == waxseal::StateDigest{10, 11, 12, 13, 14, 15, 16, 17});
  CHECK(decoded->signature.front() == 18);
  CHECK(decoded->signature.back() == 81);
  CHECK(encode_signature(*decoded) == encode_base64url(counting_bytes()));
}

TEST_CASE("The smallest and the greatest link version survive the layout") {
  for (const waxseal::LinkVersion version : {0U, 1U, 0x80000000U, 0xffffffffU}) {
    Ed25519Signature signature{};
    signature.link_version = version;
    const auto decoded = decode_signature(encode_signature(signature));
    REQUIRE(decoded);
    CHECK(decoded->link_version == version);
  }
}

TEST_CASE("Every signature text that is accepted is written back as the same text") {
  const std::string original = encode_base64url(counting_bytes());
  std::mt19937 random{20260101};
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::string text = mutated(original, random);
    const auto decoded = decode_signature(text);
    if (!decoded) continue;
    ++accepted;
    REQUIRE(encode_signature(*decoded) == text);
  }
  CHECK(accepted > 1000);  // else the loop above said nothing
}

TEST_CASE("A signature of another length is refused") {
  for (std::size_t size = 0; size <= 96; ++size) {
    Bytes bytes = counting_bytes();
    bytes.resize(size, 0);
    INFO(size);
    CHECK(decode_signature(encode_base64url(bytes)).has_value() == (size == form_bytes));
  }
}

TEST_CASE("A signature with another form byte is refused") {
  Bytes bytes = counting_bytes();
  for (const int first : {0, 2, 3, 0x81, 0xff}) {
    bytes[0] = static_cast<std::uint8_t>(first);
    const auto decoded = decode_signature(encode_base64url(bytes));
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == ErrorCode::signature_invalid);
  }
}

TEST_CASE("A padded or quoted or wrapped signature is refused") {
  const std::string text = encode_base64url(counting_bytes());
  for (const std::string& other : {text + "=", " " + text, text + "\n", "\"" + text + "\"", text + "A"}) {
    INFO(other);
    CHECK_FALSE(decode_signature(other));
  }
}

TEST_CASE("A signature over 128 characters is refused before it is decoded") {
  const auto detail = [](std::size_t size) { return decode_signature(std::string(size, 'A')).error().log_detail; };
  CHECK(detail(128) == "not the form of an ed25519 signature");
  CHECK(detail(129) == "signature longer than 128 characters");
  CHECK(decode_signature(std::string(129, '=')).error().log_detail == "signature longer than 128 characters");
  CHECK(form_of_signature(std::string(129, 'A')) == SignatureForm::unknown);
}

TEST_CASE("The form of a signature is told from its bytes alone") {
  Bytes wrong_first = counting_bytes();
  wrong_first[0] = 2;
  CHECK(form_of_signature(encode_base64url(counting_bytes())) == SignatureForm::ed25519);
  CHECK(form_of_signature(encode_base64url(wrong_first)) == SignatureForm::unknown);
  CHECK(form_of_signature(encode_base64url(Bytes(32, 0x01))) == SignatureForm::django);
  CHECK(form_of_signature(encode_base64url(Bytes(31, 0))) == SignatureForm::unknown);
  CHECK(form_of_signature(encode_base64url(Bytes(33, 0))) == SignatureForm::unknown);
  CHECK(form_of_signature("") == SignatureForm::unknown);
  CHECK(form_of_signature("not a signature") == SignatureForm::unknown);
}

TEST_CASE("A django signature has 43 characters and only one last character of four") {
  const std::string start(42, 'A');
  CHECK(form_of_signature(start + "A") == SignatureForm::django);
  CHECK(form_of_signature(start + "E") == SignatureForm::django);
  CHECK(form_of_signature(start + "B") == SignatureForm::unknown);
  CHECK(form_of_signature(start + "A=") == SignatureForm::unknown);
}

TEST_CASE("Purposes have the names that are signed") {
  CHECK(wire_name(Purpose::register_email) == "register-email");
  CHECK(wire_name(Purpose::undo_email) == "undo-email");
  CHECK(waxseal::purpose_of("register-email") == Purpose::register_email);
  CHECK(waxseal::purpose_of("undo-email") == Purpose::undo_email);
  for (const std::string_view text : {"", "register_email", "Register-Email", "reset-password", "register-email "}) {
    INFO(text);
    CHECK_FALSE(waxseal::purpose_of(text));
  }
}

TEST_CASE("The claims of a link are its first three values unchanged") {
  const auto claims = waxseal::claims_of({" 1 ", "Ada@Example.COM", "1700000000", ""});
  REQUIRE(claims);
  CHECK(claims->user_id == " 1 ");
  CHECK(claims->email == "Ada@Example.COM");
  CHECK(claims->issued_at == waxseal::from_unix_s(1700000000));
}

TEST_CASE("A link whose timestamp is not canonical has an invalid signature") {
  for (const std::string_view timestamp : {"", "01700000000", "+1700000000", "1700000000.0", "9007199254740993"}) {
    INFO(timestamp);
    const auto claims = waxseal::claims_of({"1", "a@b.co", std::string{timestamp}, "s"});
    REQUIRE_FALSE(claims);
    CHECK(claims.error().code == ErrorCode::signature_invalid);
  }
}
