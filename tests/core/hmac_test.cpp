#include <waxseal/hmac.hpp>

#include "support/catch.hpp"

using waxseal::Bytes;
using waxseal::decode_base64;
using waxseal::encode_base64;
using waxseal::encode_hex;
using waxseal::hmac_sha256;

namespace {

Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace

TEST_CASE("HMAC-SHA-256 gives the test vectors of RFC 4231") {
  CHECK(encode_hex(hmac_sha256(Bytes(20, 0x0b), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(encode_hex(hmac_sha256(bytes_of("Jefe"), "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(encode_hex(hmac_sha256(Bytes(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("base64 gives the test vectors of RFC 4648") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\xfb\xef\xff", "++//"}};
  for (const auto& [bytes, text] : vectors) {
    INFO(text);
    const Bytes plain = bytes_of(bytes);
    CHECK(encode_base64(plain.data(), plain.size()) == text);
    CHECK(decode_base64(text).value() == plain);
  }
}

TEST_CASE("base64 refuses every spelling but its own") {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "=", "Zm9v=", "Zh==", "--__", "Zm 9v", "Zm9v\n", "Zg==Zg=="}) {
    INFO(text);
    CHECK_FALSE(decode_base64(text));
  }
}
