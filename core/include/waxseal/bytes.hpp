#pragma once
/// @file bytes.hpp
/// Raw bytes, and base64url (RFC 4648 section 5) in its one canonical spelling. Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <waxseal/error.hpp>

namespace waxseal {

using Bytes = std::vector<std::uint8_t>;
template <std::size_t size>
using ByteArray = std::array<std::uint8_t, size>;

/// Writes base64url without padding.
std::string encode_base64url(const std::uint8_t* data, std::size_t size);
inline std::string encode_base64url(const Bytes& bytes) { return encode_base64url(bytes.data(), bytes.size()); }
template <std::size_t size>
std::string encode_base64url(const ByteArray<size>& bytes) {
  return encode_base64url(bytes.data(), size);
}

/// Reads base64url without padding, accepting only what `encode_base64url` writes: no padding, no white
/// space, no other alphabet, and unused trailing bits zero. So `encode(decode(text)) == text`.
/// Fails with:  ErrorCode::signature_invalid  any other spelling
Result<Bytes> decode_base64url(std::string_view text);

/// The same into memory of the caller's, without allocating. @return  how many bytes were written, or nothing for any
/// other spelling and for more than `capacity` bytes; what `out` then holds is of no use.
std::optional<std::size_t> decode_base64url(std::string_view text, std::uint8_t* out, std::size_t capacity);

/// Lower-case hexadecimal.
std::string encode_hex(const std::uint8_t* data, std::size_t size);
template <std::size_t size>
std::string encode_hex(const ByteArray<size>& bytes) {
  return encode_hex(bytes.data(), size);
}

/// Lets libsodium choose the fastest code for this processor. Call once at the start of a program, before its threads;
/// without it results are the same and slower. False if the library cannot be used at all.
[[nodiscard]] bool prepare_crypto();

/// SHA-256 (FIPS 180-4). For fingerprints and for tokens that are random already, never for passwords.
ByteArray<32> sha256(std::string_view message);

}  // namespace waxseal
