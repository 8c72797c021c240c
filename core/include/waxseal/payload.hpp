#pragma once
/// @file payload.hpp
/// The four values of a link as JSON: what the page posts to `verify-email/`. Pure, never throws.

#include <string>
#include <string_view>

#include <waxseal/error.hpp>
#include <waxseal/link.hpp>

namespace waxseal {

/// `{"user_id":"…","email":"…","timestamp":"…","signature":"…"}`, in this order, without spaces, non-ASCII as UTF-8:
/// byte for byte what a browser's `JSON.stringify` writes.
/// @param link  Its values are UTF-8; bytes that are not are replaced by U+FFFD.
std::string payload_to_json(const Link& link);

/// Reads what `payload_to_json` writes, members in any order, other members ignored. For tools and tests: what an HTTP
/// client may send besides is decoded in server/http.
/// @param json  At most 65,536 bytes.
/// Fails with:  ErrorCode::parse_error     not a JSON object, a name twice, over the limit
///              ErrorCode::invalid_fields  a value missing, empty or no string; log_detail names it
Result<Link> payload_from_json(std::string_view json);

}  // namespace waxseal
