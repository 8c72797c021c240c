#pragma once
/// @file one_line.hpp
/// Words of others, a relay's or a program's, made fit for a log and a reason.

#include <algorithm>
#include <string>

namespace waxseal::server {

/// The text on one line: control characters become spaces, those at the end go.
inline std::string in_one_line(std::string text) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  std::replace_if(text.begin(), text.end(), is_control, ' ');
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace waxseal::server
