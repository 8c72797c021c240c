#include <waxseal/bytes.hpp>

#include "support/catch.hpp"

using waxseal::Bytes;
using waxseal::decode_base64url;
using waxseal::encode_base64url;

namespace {

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace

TEST_CASE("base64url gives the test vectors of RFC 4648 without their padding") {
  struct Vector {
    std::string_view bytes, text;
  };
  const Vector vectors[] = {{"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
                            {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    INFO(text);
    CHECK(encode_base64url(bytes_of(bytes)) == text);
    const auto decoded = decode_base64url(text);
    REQUIRE(decoded);
    CHECK(*decoded == bytes_of(bytes));
  }
}

TEST_CASE("base64url spells the last two sextets with - and _") {
  CHECK(encode_base64url(Bytes{0xfb, 0xef, 0xff}) == "--__");
  CHECK(decode_base64url("--__") == Bytes{0xfb, 0xef, 0xff});
}

TEST_CASE("base64url brings back every byte at every length up to a signature's") {
  for (std::size_t size = 0; size <= 96; ++size) {
    Bytes bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 151 + size * 37));
    const auto decoded = decode_base64url(encode_base64url(bytes));
    REQUIRE(decoded);
    CHECK(*decoded == bytes);
  }
}

TEST_CASE("base64url refuses every spelling but its own") {
  for (const std::string_view text : {
           "Zg==", "Zm8=", "=",              // padding
           "Zm9v ", " Zm9v", "Zm\n9v",       // white space
           "++//", "Zm+v", "Zm/v", "Zm9v.",  // other alphabets
           "Zm9vé",                          // not ASCII
       }) {
    INFO(text);
    const auto decoded = decode_base64url(text);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == waxseal::ErrorCode::signature_invalid);
  }
  CHECK_FALSE(decode_base64url(std::string_view{"Zm9v\0", 5}));
}

TEST_CASE("base64url refuses a leftover character that carries no byte") {
  for (const std::string_view text : {"A", "Z", "Zm9vY", "Zm9vYmFyA"}) {
    INFO(text);
    CHECK_FALSE(decode_base64url(text));
  }
}

TEST_CASE("base64url accepts one last character for each last byte") {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const auto accepted_after = [&](std::string_view start) {
    int accepted = 0;
    for (const char last : alphabet) {
      const std::string text = std::string{start} + last;
      const auto decoded = decode_base64url(text);
      if (!decoded) continue;
      ++accepted;
      CHECK(encode_base64url(*decoded) == text);
    }
    return accepted;
  };
  CHECK(accepted_after("A") == 4);     // 2 bits of a byte
  CHECK(accepted_after("AA") == 16);   // 4 bits of a byte
  CHECK(accepted_after("AAA") == 64);  // 6 bits of a byte
}

TEST_CASE("hexadecimal is lower case with two digits a byte") {
  CHECK(waxseal::encode_hex(waxseal::ByteArray<4>{0x00, 0x0f, 0xa0, 0xff}) == "000fa0ff");
  CHECK(waxseal::encode_hex(nullptr, 0).empty());
}

TEST_CASE("SHA-256 gives the examples of FIPS 180") {
  const auto sha256_hex = [](std::string_view message) { return waxseal::encode_hex(waxseal::sha256(message)); };
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
