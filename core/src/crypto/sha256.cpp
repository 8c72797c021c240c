#include <sodium.h>

#include <waxseal/bytes.hpp>

namespace waxseal {

bool prepare_crypto() { return sodium_init() >= 0; }

ByteArray<32> sha256(std::string_view message) {
  ByteArray<32> digest{};
  static_assert(digest.size() == crypto_hash_sha256_BYTES);
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(message.data()), message.size());
  return digest;
}

}  // namespace waxseal
