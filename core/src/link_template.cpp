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

tl::unexpected<Error> bad_template(std::string log_detail) {
  return fail(ErrorCode::link_malformed, "url template: " + std::move(log_detail));
}

/// True for scheme and host, ended by the start of a path, query or fragment before the first placeholder.
bool starts_as_http_url(std::string_view text) {
  const std::size_t host = text.substr(0, 8) == "https://" ? 8 : text.substr(0, 7) == "http://" ? 7 : 0;
  const std::size_t host_end = text.find_first_of("/?#{", host);
  return host > 0 && host_end != std::string_view::npos && host_end > host && text[host_end] != '{';
}

/// True if the text cannot be taken for the end of a percent-encoded value: some character of it is never in one.
bool ends_a_value(std::string_view literal) {
  return std::any_of(literal.begin(), literal.end(), [](char c) {
    return c != '%' && percent_encode(std::string_view{&c, 1}, SpaceAs::percent_20).size() > 1;
  });
}

}  // namespace

Result<LinkTemplate> LinkTemplate::parse(std::string_view text) {
  if (text.size() > max_link_bytes) return bad_template("longer than 4096 bytes");
  if (!starts_as_http_url(text)) return bad_template("must start with http:// or https://, a host and a slash");
  std::vector<Part> parts;
  std::array<bool, link_field_names.size()> seen{};
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{')) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) return bad_template("a { without its }");
    const std::string_view name = text.substr(open + 1, close - open - 1);
    const std::optional<std::size_t> field = field_index(name);
    if (!field) return bad_template("{" + std::string{name} + "} is none of user_id, email, timestamp, signature");
    if (seen[*field]) return bad_template("{" + std::string{name} + "} stands twice");
    if (!parts.empty() && !ends_a_value(text.substr(0, open))) {
      return bad_template("between two placeholders must stand a character such as / that no value holds");
    }
    seen[*field] = true;
    parts.push_back({std::string{text.substr(0, open)}, *field});
    text.remove_prefix(close + 1);
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i]) return bad_template("{" + std::string{link_field_names[i]} + "} is missing");
  }
  if (!text.empty() && !ends_a_value(text)) {
    return bad_template("what follows the last placeholder must hold a character such as / that no value holds");
  }
  return LinkTemplate{std::move(parts), std::string{text}};
}

std::string LinkTemplate::write(const Link& link) const {
  std::string url;
  for (const Part& part : parts_) {
    url += part.literal_before;
    url += percent_encode(field_of(link, part.field), SpaceAs::percent_20);
  }
  return url + literal_after_;
}

tl::expected<Link, MalformedLink> LinkTemplate::read(std::string_view url) const {
  const auto malformed = [](std::string why) { return tl::make_unexpected(MalformedLink{{}, std::move(why)}); };
  if (url.size() > max_link_bytes) return malformed("longer than 4096 bytes");
  std::array<std::optional<std::string>, link_field_names.size()> found;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const std::string& literal = parts_[i].literal_before;
    if (url.substr(0, literal.size()) != literal) break;  // what was not reached is reported as missing
    url.remove_prefix(literal.size());
    // Values are percent-encoded, so a delimiter of URLs never stands inside one.
    std::size_t end = url.find_first_of("/?&#");
    const std::string_view next_literal = i + 1 < parts_.size() ? parts_[i + 1].literal_before : literal_after_;
    if (!next_literal.empty()) end = std::min(end, url.find(next_literal));
    const std::string_view value = url.substr(0, end);
    found[parts_[i].field] = percent_decode(value, SpaceAs::percent_20);
    if (!is_utf8(*found[parts_[i].field])) return malformed("a value is not UTF-8");
    url.remove_prefix(value.size());
  }
  auto link = link_of_fields(std::move(found));
  if (link && url.substr(0, literal_after_.size()) != literal_after_) return malformed("does not end as the template");
  return link;
}

}  // namespace waxseal
