#include "http/fields.hpp"

#include <algorithm>
#include <array>

namespace waxseal::server {
namespace {

constexpr std::size_t max_integer_characters = 1000;  // IntegerField.MAX_STRING_LENGTH
constexpr const char* invalid_email = "Enter a valid email address.";
constexpr const char* invalid_integer = "A valid integer is required.";
constexpr const char* null_characters = "Null characters are not allowed.";

/// What Python's str.strip() takes off, in UTF-8.
constexpr std::array<std::string_view, 29> python_spaces = {
    "\t",           "\n",           "\v",           "\f",           "\r",
    "\x1c",         "\x1d",         "\x1e",         "\x1f",         " ",
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81",
    "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
    "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8",
    "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

std::string_view stripped(std::string_view text) {
  const auto starts = [&](std::string_view space) { return text.substr(0, space.size()) == space; };
  const auto ends = [&](std::string_view space) {
    return text.size() >= space.size() && text.substr(text.size() - space.size()) == space;
  };
  const auto take = [&](auto&& matches, auto&& remove) {
    for (auto space = python_spaces.begin(); space != python_spaces.end();) {
      if (!matches(*space)) {
        ++space;
        continue;
      }
      remove(space->size());
      space = python_spaces.begin();
    }
  };
  take(starts, [&](std::size_t size) { text.remove_prefix(size); });
  take(ends, [&](std::size_t size) { text.remove_suffix(size); });
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What Python's int() makes of a text, as a decimal spelling without sign plus, leading zeros or underscores.
std::optional<std::string> python_integer(std::string_view text) {
  text = stripped(text);
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool separator =
        text[i] == '_' && i > 0 && is_digit(text[i - 1]) && i + 1 < text.size() && is_digit(text[i + 1]);
    if (separator) continue;
    if (!is_digit(text[i])) return std::nullopt;
    digits += text[i];
  }
  if (digits.empty()) return std::nullopt;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return negative && digits != "0" ? "-" + digits : digits;
}

/// IntegerField takes `.000` and white space off the end before it asks int().
std::string_view without_zero_fraction(std::string_view text) {
  const std::string_view right_stripped = [&] {
    const std::string_view whole = stripped(text);
    return text.substr(0, static_cast<std::size_t>(whole.data() + whole.size() - text.data()));
  }();
  const std::size_t last_other = right_stripped.find_last_not_of('0');
  if (last_other != std::string_view::npos && right_stripped[last_other] == '.')
    return right_stripped.substr(0, last_other);
  return text;
}

}  // namespace

void FieldReader::note(const std::string& name, std::string problem) {
  if (errors_.empty() || errors_.back().first != name) errors_.push_back({name, {}});
  errors_.back().second.push_back(std::move(problem));
}

const nlohmann::json* FieldReader::present(const std::string& name) {
  const auto member = body_.find(name);
  if (member == body_.end()) {
    note(name, "This field is required.");
    return nullptr;
  }
  if (member->is_null()) {
    note(name, "This field may not be null.");
    return nullptr;
  }
  return &*member;
}

std::optional<std::string> FieldReader::trimmed_text(const std::string& name, const char* wrong_type) {
  const nlohmann::json* value = present(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string() && !value->is_number()) {
    note(name, wrong_type);
    return std::nullopt;
  }
  const std::string whole = value->is_string() ? value->get<std::string>() : value->dump();
  std::string text{stripped(whole)};
  if (text.empty()) {
    note(name, "This field may not be blank.");
    return std::nullopt;
  }
  if (text.find('\0') != std::string::npos) note(name, null_characters);
  return text;
}

std::string FieldReader::text(const std::string& name) {
  return trimmed_text(name, "Not a valid string.").value_or("");
}

std::string FieldReader::email(const std::string& name, const std::function<bool(std::string_view)>& is_email) {
  const std::optional<std::string> text = trimmed_text(name, invalid_email);
  if (text && !is_email(*text)) note(name, invalid_email);
  return text.value_or("");
}

std::string FieldReader::integer(const std::string& name) {
  const nlohmann::json* value = present(name);
  if (value == nullptr) return {};
  if (!value->is_string() && !value->is_number()) {
    note(name, invalid_integer);
    return {};
  }
  const std::string text = value->is_string() ? value->get<std::string>() : value->dump();
  if (value->is_string() && text.size() > max_integer_characters) {
    note(name, "String value too large.");
    return {};
  }
  const auto number = python_integer(without_zero_fraction(text));
  if (!number) note(name, invalid_integer);
  return number.value_or("");
}

}  // namespace waxseal::server
