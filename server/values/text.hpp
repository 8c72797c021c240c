#pragma once
/// @file text.hpp
/// Small questions about texts that several rooms ask.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace waxseal::server {

/// The white space that may stand around a part of a header's value (RFC 9110 section 5.6.3).
inline constexpr std::string_view header_spaces = " \t";

/// The text without such white space around it.
inline std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(header_spaces), text.size()));
  return text.substr(0, text.find_last_not_of(header_spaces) + 1);
}

inline bool contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace waxseal::server
