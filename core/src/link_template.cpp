#include <algorithm>

#include <waxseal/email_address.hpp>
#include <waxseal/link.hpp>
#include <waxseal/percent_encoding.hpp>

#include "link_fields.hpp"

namespace waxseal {
namespace {

std::optional<std::size_t> field_index(std::string_view name) {
  for (std::size_t i = 0; i < link_field_names.size(); ++i) {
    if (link_field_names[i] == name) return i;
  }
  return std::nullopt;
}

/// True for scheme and host, ended by the start of a path, query or fragment before the first placeholder.
bool starts_as_http_url(std::string_view text) {
  const std::size_t host = text.substr(0, 8) == "https://" ? 8 : text.substr(0, 7) == "http://" ? 7 : 0;
  const std::size_t host_end = text.find_first_of("/?#{", host);
  return host > 0 && host_end != std::string_view::npos && host_end > host && text[host_end] != '{';
}

/// True if the text cannot be taken for the end of a percent-encoded value: some character of it is never in one.
bool ends_a_value(std::string_view literal) {
  return std::any_of(literal.begin(), literal.end(), [](char c) { return c != '%' && !is_unreserved(c); });
}

}  // namespace

LinkTemplate::Problem LinkTemplate::take_apart() {
  const std::string_view text = text_;
  if (text.size() > max_link_bytes) return {over_long_link};
  if (!starts_as_http_url(text)) return {"must start with http:// or https://, a host and a slash"};
  std::array<bool, link_field_names.size()> seen{};
  std::size_t found = 0;
  std::size_t& at = literal_after_at_;
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', at)) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) return {"a { without its }"};
    const std::string_view placeholder = text.substr(open, close + 1 - open);
    const std::optional<std::size_t> field = field_index(placeholder.substr(1, placeholder.size() - 2));
    if (!field) return {" is none of user_id, email, timestamp, signature", placeholder};
    if (seen[*field]) return {" stands twice", placeholder};
    if (found > 0 && !ends_a_value(text.substr(at, open - at))) {
      return {"between two placeholders must stand a character such as / that no value holds"};
    }
    seen[*field] = true;
    parts_[found++] = {at, open - at, *field};
    at = close + 1;
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i]) return {"} is missing", link_field_names[i]};
  }
  if (const std::string_view end = text.substr(at); !end.empty() && !ends_a_value(end)) {
    return {"what follows the last placeholder must hold a character such as / that no value holds"};
  }
  return {};
}

Result<LinkTemplate> LinkTemplate::parse(std::string_view text) {
  LinkTemplate parsed{text};
  const Problem problem = parsed.take_apart();
  if (problem.what.empty()) return parsed;
  std::string detail{"url template: "};
  if (problem.what.front() == '}') detail += '{';
  detail += problem.placeholder;
  detail += problem.what;
  return fail(ErrorCode::link_malformed, std::move(detail));
}

std::string LinkTemplate::write(const Link& link) const {
  std::string url;
  for (const Part& part : parts_) {
    url += literal_before(part);
    url += percent_encode(field_of(link, part.field), SpaceAs::percent_20);
  }
  url += literal_after();
  return url;
}

LinkReading read_templated(const LinkTemplate& spelling, std::string_view url) {
  LinkReading reading;
  if (url.size() > max_link_bytes) {
    reading.problem = over_long_link;
    return reading;
  }
  EncodedFields found;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& part = spelling.parts_[i];
    const std::string_view literal = spelling.literal_before(part);
    if (url.substr(0, literal.size()) != literal) break;  // what was not reached is reported as missing
    url.remove_prefix(literal.size());
    // Values are percent-encoded, so a delimiter of URLs never stands inside one.
    std::size_t end = url.find_first_of("/?&#");
    const std::string_view next_literal =
        i + 1 < found.size() ? spelling.literal_before(spelling.parts_[i + 1]) : spelling.literal_after();
    if (!next_literal.empty()) end = std::min(end, url.find(next_literal));
    found[part.field] = url.substr(0, end);
    url.remove_prefix(found[part.field].size());
  }
  reading = decode_fields(found, SpaceAs::percent_20);
  const std::string_view last_literal = spelling.literal_after();
  if (reading.is_link() && url.substr(0, last_literal.size()) != last_literal) {
    reading.problem = "does not end as the template";
  }
  return reading;
}

tl::expected<Link, MalformedLink> LinkTemplate::read(std::string_view url) const {
  return link_of(read_templated(*this, url));
}

}  // namespace waxseal
