#include "adapters/templates/fold_lines.hpp"

#include <algorithm>
#include <string_view>

namespace waxseal::server {
namespace {

constexpr std::size_t longest_line = 76;

/// Of UTF-8: bytes that do not continue a character.
std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string folded(std::string_view line) {
  if (characters_of(line) <= longest_line || line.find("://") != std::string_view::npos) return std::string{line};
  std::string lines;
  std::size_t length = 0;
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find(' '));
    const std::size_t word_length = characters_of(word);
    if (length > 0 && length + 1 + word_length > longest_line) {
      lines += '\n';
      length = 0;
    } else if (length > 0) {
      lines += ' ';
      ++length;
    }
    lines += word;
    length += word_length;
    line.remove_prefix(std::min(word.size() + 1, line.size()));
  }
  return lines;
}

}  // namespace

std::string with_folded_lines(const std::string& text) {
  std::string all;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    all += folded(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    all += '\n';
    rest.remove_prefix(end + 1);
  }
  return all;
}

}  // namespace waxseal::server
