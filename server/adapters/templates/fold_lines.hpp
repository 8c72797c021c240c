#pragma once
/// @file fold_lines.hpp
/// Lines of a text mail, short enough for a terminal.

#include <string>

namespace waxseal::server {

/// Breaks lines of over 76 characters at spaces. A line with a link stays whole, and so does a word. Characters are code
/// points: wide ones are not told apart. A line that is short enough, and the spaces at its start, stay as they are.
std::string with_folded_lines(const std::string& text);

}  // namespace waxseal::server
