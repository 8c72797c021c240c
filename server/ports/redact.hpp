#pragma once
/// @file redact.hpp
/// Words of others, such as a relay that quotes the mail it refuses, made fit for a log and for what stays in a table.

#include <algorithm>
#include <string>
#include <string_view>

#include <waxseal/email_address.hpp>

namespace waxseal::server {

/// The word with `***` for each run of base64url characters that is as long as a signature, a key or a token.
inline std::string without_long_runs(std::string_view word) {
  constexpr std::size_t least_secret_characters = 40;
  constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string result;
  while (!word.empty()) {
    const std::size_t run = std::min(word.find_first_not_of(base64url), word.size());
    result += run < least_secret_characters ? word.substr(0, run) : "***";
    const std::size_t next = std::min(word.find_first_of(base64url, run), word.size());
    result += word.substr(run, next - run);
    word.remove_prefix(next);
  }
  return result;
}

/// The text with every email address masked (`a***@e***.com`), also one in a URL, and without whatever is as long as a
/// signature, a key or a token: 40 characters of base64url or more. Does not know a shorter secret from a word.
inline std::string redact(std::string_view text) {
  constexpr std::string_view between_words = " \t\r\n\v\f\"<>(),;:";
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(between_words), text.size());
    const std::string_view word = text.substr(0, end);
    if (word.find("%40") != std::string_view::npos) {
      result += "***";
    } else {
      result += word.find('@') != std::string_view::npos ? masked_email(word) : without_long_runs(word);
    }
    const std::size_t next = std::min(text.find_first_not_of(between_words, end), text.size());
    result += text.substr(end, next - end);
    text.remove_prefix(next);
  }
  return result;
}

}  // namespace waxseal::server
