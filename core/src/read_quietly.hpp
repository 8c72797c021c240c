#pragma once
/// @file read_quietly.hpp
/// Readers that say nothing of why a text is none, so that the page need not carry the words. Private to the core.

#include <optional>
#include <string_view>

#include <waxseal/expiry.hpp>
#include <waxseal/signature.hpp>

namespace waxseal {

/// The same as `parse_timestamp`.
std::optional<UnixTime> read_timestamp(std::string_view text);

/// The same as `decode_signature`.
std::optional<Ed25519Signature> read_signature(std::string_view text);

}  // namespace waxseal
