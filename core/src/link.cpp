#include <waxseal/link.hpp>

#include <waxseal/email_address.hpp>
#include <waxseal/percent_encoding.hpp>

#include "link_fields.hpp"

namespace waxseal {

std::string& field_of(Link& link, std::size_t index) {
  switch (index) {
    case 0: return link.user_id;
    case 1: return link.email;
    case 2: return link.timestamp;
    default: return link.signature;
  }
}

const std::string& field_of(const Link& link, std::size_t index) { return field_of(const_cast<Link&>(link), index); }

std::string write_link(std::string_view verification_url, const Link& link) {
  std::string url{verification_url};
  const std::size_t fragment = url.find('#');
  const bool has_query = url.find('?', fragment == std::string::npos ? 0 : fragment) != std::string::npos;
  url += has_query ? '&' : '?';
  for (std::size_t i = 0; i < link_field_names.size(); ++i) {
    if (i > 0) url += '&';
    url += link_field_names[i];
    url += '=';
    url += percent_encode(field_of(link, i), SpaceAs::plus);
  }
  return url;
}

namespace {

LinkReading unreadable(std::string_view problem, std::string_view field = {}) {
  LinkReading reading;
  reading.problem = problem;
  reading.problem_field = field;
  return reading;
}

/// Takes the known names out of `a=1&b=2`. @return the name that stands twice, or nothing.
std::string_view collect_fields(std::string_view parameters, EncodedFields& found) {
  while (!parameters.empty()) {
    const std::string_view pair = parameters.substr(0, parameters.find('&'));
    parameters.remove_prefix(pair.size() < parameters.size() ? pair.size() + 1 : pair.size());
    const std::string_view encoded_name = pair.substr(0, pair.find('='));
    const std::string name = percent_decode(encoded_name, SpaceAs::plus);
    for (std::size_t i = 0; i < link_field_names.size(); ++i) {
      if (name != link_field_names[i]) continue;
      if (found[i].data() != nullptr) return link_field_names[i];
      found[i] = pair.substr(encoded_name.size());  // with its `=`, if there is one
    }
  }
  return {};
}

struct ParameterParts {
  std::string_view query;
  std::string_view fragment;
};

/// Query and fragment of a URL. A fragment may look like a path with a query of its own (`#/verify?user_id=…`). A text
/// with neither is taken for a bare query.
ParameterParts parameter_parts(std::string_view url) {
  const std::size_t hash = url.find('#');
  const std::string_view before_fragment = url.substr(0, hash);
  std::string_view fragment = hash == std::string_view::npos ? std::string_view{} : url.substr(hash + 1);
  if (const std::size_t question = fragment.find('?'); question != std::string_view::npos) {
    fragment.remove_prefix(question + 1);
  }
  const std::size_t question = before_fragment.find('?');
  if (question != std::string_view::npos) return {before_fragment.substr(question + 1), fragment};
  const bool has_scheme = url.substr(0, url.find('=')).find("://") != std::string_view::npos;
  const bool is_bare_query = hash == std::string_view::npos && !has_scheme;
  return {is_bare_query ? url : std::string_view{}, fragment};
}

}  // namespace

LinkReading decode_fields(const EncodedFields& encoded, SpaceAs plus) {
  LinkReading reading;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    std::string& value = field_of(reading.link, i);
    value = percent_decode(encoded[i], plus);
    if (!is_utf8(value)) return unreadable(" is not UTF-8", link_field_names[i]);
    if (value.empty()) reading.missing.add(link_field_names[i]);
  }
  return reading;
}

LinkReading read_parameters(std::string_view url) {
  if (url.size() > max_link_bytes) return unreadable(over_long_link);
  const ParameterParts parts = parameter_parts(url);
  EncodedFields found;
  for (const std::string_view parameters : {parts.query, parts.fragment}) {
    const std::string_view repeated = collect_fields(parameters, found);
    if (!repeated.empty()) return unreadable(" stands twice", repeated);
  }
  for (std::string_view& value : found) value.remove_prefix(value.empty() ? 0 : 1);
  return decode_fields(found, SpaceAs::plus);
}

tl::expected<Link, MalformedLink> link_of(LinkReading reading) {
  if (reading.is_link()) return std::move(reading.link);
  std::string detail{reading.problem_field};
  detail += reading.problem.empty() ? "values are missing" : reading.problem;
  return tl::make_unexpected(MalformedLink{reading.missing, std::move(detail)});
}

tl::expected<Link, MalformedLink> read_link(std::string_view url) { return link_of(read_parameters(url)); }

}  // namespace waxseal
