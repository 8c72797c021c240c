#include <waxseal/hmac.hpp>

#include <sodium.h>

#include <algorithm>

namespace waxseal {

ByteArray<32> hmac_sha256(const Bytes& key, std::string_view message) {
  ByteArray<32> mac{};
  static_assert(mac.size() == crypto_auth_hmacsha256_BYTES);
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()), message.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  sodium_memzero(&state, sizeof state);
  return mac;
}

std::string encode_base64(const std::uint8_t* data, std::size_t size) {
  std::string text = encode_base64url(data, size);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

Result<Bytes> decode_base64(std::string_view text) {
  std::string unpadded{text.substr(0, text.find('='))};
  std::replace(unpadded.begin(), unpadded.end(), '+', '-');
  std::replace(unpadded.begin(), unpadded.end(), '/', '_');
  auto bytes = decode_base64url(unpadded);
  if (bytes && encode_base64(bytes->data(), bytes->size()) == text) return bytes;
  return fail(ErrorCode::signature_invalid, "not canonical base64");
}

}  // namespace waxseal
