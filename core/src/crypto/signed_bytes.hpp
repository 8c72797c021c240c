#pragma once
/// @file signed_bytes.hpp
/// The bytes that an Ed25519 signature covers, private to crypto/. Specified in docs/link-format.md.

#include <string>
#include <string_view>

#include <waxseal/signature.hpp>

namespace waxseal {

/// Appends `value` after its length in 4 bytes, big endian, so that no two lists of values give the same bytes.
void append_length_prefixed(std::string& out, std::string_view value);

/// The first three values of a link, as text.
struct SignedValues {
  std::string_view user_id;
  std::string_view email;
  std::string_view timestamp;  ///< Canonical decimal.
};

/// "waxseal/1" 0x00 purpose 0x00, then user_id, email and timestamp length-prefixed, then version and digest.
std::string signed_bytes(Purpose purpose, const SignedValues& values, LinkVersion version, const StateDigest& digest);

}  // namespace waxseal
