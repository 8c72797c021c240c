#pragma once
/// @file percent_encoding.hpp
/// Percent-encoding (RFC 3986 section 2.1) and the space of forms (WHATWG URL section 5). Pure.

#include <string>
#include <string_view>

namespace waxseal {

enum class SpaceAs { plus, percent_20 };

/// True for ASCII letters, digits and `-._~`, which stand for themselves (RFC 3986 section 2.3).
bool is_unreserved(char c);

/// Encodes everything that is not unreserved, byte by byte.
std::string percent_encode(std::string_view text, SpaceAs space);

/// Decodes `%XX`; a `%` that is no escape stands for itself. With `SpaceAs::plus`, `+` is a space.
std::string percent_decode(std::string_view text, SpaceAs space);

}  // namespace waxseal
