#include "http/accept_language.hpp"

#include <algorithm>

#include <waxseal/email_address.hpp>

#include "values/text.hpp"

namespace waxseal::server {
namespace {

constexpr int whole_weight = 1000;

struct Range {
  std::string tag;  ///< In lower case.
  int weight = whole_weight;
};

/// "0.8" as 800; RFC 9110 section 12.4.2.
std::optional<int> read_weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.')) {
    return std::nullopt;
  }
  int weight = (text[0] - '0') * whole_weight;
  int place = 100;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9') return std::nullopt;
    weight += (digit - '0') * place;
    place /= 10;
  }
  return weight <= whole_weight ? std::optional{weight} : std::nullopt;
}

std::optional<Range> read_range(std::string_view item) {
  const std::size_t semicolon = item.find(';');
  Range range{ascii_lower(trimmed(item.substr(0, semicolon)))};
  const auto is_of_tag = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '*';
  };
  if (range.tag.empty() || !std::all_of(range.tag.begin(), range.tag.end(), is_of_tag)) return std::nullopt;
  if (semicolon == std::string_view::npos) return range;
  const std::string parameter = ascii_lower(trimmed(item.substr(semicolon + 1)));
  if (parameter.rfind("q=", 0) != 0) return std::nullopt;
  const std::optional<int> weight = read_weight(std::string_view{parameter}.substr(2));
  if (!weight) return std::nullopt;
  range.weight = *weight;
  return range;
}

/// Those that are wanted, the best first; of equals the one that stands first.
std::vector<Range> read_ranges(std::string_view header) {
  std::vector<Range> ranges;
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    if (auto range = read_range(header.substr(0, comma)); range && range->weight > 0)
      ranges.push_back(std::move(*range));
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
  std::stable_sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.weight > b.weight; });
  return ranges;
}

const std::string* find_tag(const std::vector<std::string>& available, std::string_view tag) {
  const auto place = std::find_if(available.begin(), available.end(),
                                  [&](const std::string& language) { return ascii_lower(language) == tag; });
  return place != available.end() ? &*place : nullptr;
}

/// The first of ours whose first subtag this is.
const std::string* find_primary(const std::vector<std::string>& available, std::string_view subtag) {
  const auto place = std::find_if(available.begin(), available.end(), [&](const std::string& language) {
    return ascii_lower(language).substr(0, language.find('-')) == subtag;
  });
  return place != available.end() ? &*place : nullptr;
}

const std::string* look_up(const std::vector<std::string>& available, std::string tag) {
  while (true) {
    if (const std::string* found = find_tag(available, tag)) return found;
    const std::size_t hyphen = tag.rfind('-');
    if (hyphen == std::string::npos) return find_primary(available, tag);
    tag.resize(hyphen);
    // A single letter or digit says of what kind the next subtag is: it goes with it (RFC 4647 section 3.4).
    if (tag.size() >= 2 && tag[tag.size() - 2] == '-') tag.resize(tag.size() - 2);
  }
}

}  // namespace

std::string choose_language(std::optional<std::string_view> header, const std::vector<std::string>& available,
                            const std::string& fallback) {
  if (!header || header->size() > max_accept_language_bytes) return fallback;
  for (const Range& range : read_ranges(*header)) {
    if (range.tag == "*") return fallback;
    if (const std::string* found = look_up(available, range.tag)) return *found;
  }
  return fallback;
}

}  // namespace waxseal::server
