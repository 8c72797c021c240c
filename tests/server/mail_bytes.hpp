#pragma once
/// @file mail_bytes.hpp
/// Looks at a message byte by byte, without the library that wrote it.

#include <algorithm>
#include <string>
#include <vector>

namespace waxseal::test {

/// True if every CR is followed by LF and every LF follows a CR, and there is no NUL.
inline bool has_only_crlf(const std::string& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\0') return false;
    if (bytes[i] == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n')) return false;
    if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) return false;
  }
  return !bytes.empty();
}

inline std::size_t longest_line(const std::string& bytes) {
  std::size_t longest = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find("\r\n", at), bytes.size());
    longest = std::max(longest, end - at);
    at = end + 2;
  }
  return longest;
}

/// The headers of this name, each on one line, without their line ends.
inline std::vector<std::string> header_lines(const std::string& bytes, const std::string& name) {
  std::string head = bytes.substr(0, bytes.find("\r\n\r\n")) + "\r\n";
  for (std::size_t fold;
       (fold = head.find("\r\n ")) != std::string::npos || (fold = head.find("\r\n\t")) != std::string::npos;) {
    head.erase(fold, 2);
  }
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < head.size();) {
    const std::size_t end = head.find("\r\n", at);
    if (head.compare(at, name.size() + 1, name + ":") == 0) lines.push_back(head.substr(at, end - at));
    at = end + 2;
  }
  return lines;
}

inline std::string with_unix_line_ends(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  return text;
}

/// A text without its line breaks, so that words are found wherever its lines were folded.
inline std::string unfolded(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace waxseal::test
