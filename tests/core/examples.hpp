#pragma once
/// @file examples.hpp
/// Keys, claims and links that the tests of the core share.

#include <string>
#include <string_view>

#include <waxseal/keys.hpp>

namespace waxseal::test {

/// The bytes of a hexadecimal text of `2 * size` digits.
template <std::size_t size>
ByteArray<size> bytes_of_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  ByteArray<size> bytes{};
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::uint8_t>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  }
  return bytes;
}

/// One key pair of RFC 8032 section 7.1.
struct KnownKey {
  std::string_view seed;
  std::string_view public_key;
  std::string_view kid;  ///< First 8 digits of the public key's SHA-256, computed with Python's hashlib.
};

inline constexpr KnownKey known_keys[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "21fe31df"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "39f713d0"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "dac073e0"},
};

inline SigningKey signing_key(const KnownKey& key = known_keys[0]) {
  return SigningKey::from_seed(bytes_of_hex<32>(key.seed));
}

inline constexpr std::int64_t example_issued_unix_s = 1700000000;
inline constexpr LinkVersion example_version = 7;
inline const StateDigest example_digest = {1, 2, 3, 4, 5, 6, 7, 8};

inline Claims example_claims() { return {"42", "ada.new@bücher.example", from_unix_s(example_issued_unix_s)}; }

/// The example claims as a link, signed for `purpose`.
inline Link signed_link(const SigningKey& key, Purpose purpose = Purpose::register_email) {
  const Claims claims = example_claims();
  const auto signature = key.sign(purpose, claims, example_version, example_digest);
  return {claims.user_id, claims.email, to_text(claims.issued_at), encode_signature(signature)};
}

/// A ring that holds only the public half of `key`.
inline PublicKeyRing ring_of(const SigningKey& key) {
  PublicKeyRing ring;
  ring.add(key.public_key());
  return ring;
}

}  // namespace waxseal::test
