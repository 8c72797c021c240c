#pragma once
/// @file hmac.hpp
/// HMAC-SHA-256, and base64 as its users outside of links spell it (RFC 4648 section 4: `+`, `/`, padding). Pure.

#include <string>
#include <string_view>

#include <waxseal/bytes.hpp>

namespace waxseal {

/// RFC 2104. @param key  Of any length; stays the caller's to wipe.
ByteArray<32> hmac_sha256(const Bytes& key, std::string_view message);

std::string encode_base64(const std::uint8_t* data, std::size_t size);

/// Accepts only what `encode_base64` writes.
/// Fails with:  ErrorCode::signature_invalid  any other spelling
Result<Bytes> decode_base64(std::string_view text);

}  // namespace waxseal
