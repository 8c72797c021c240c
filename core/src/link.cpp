#include <waxseal/link.hpp>

#include <optional>

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

tl::unexpected<MalformedLink> malformed(std::string log_detail) {
  return tl::make_unexpected(MalformedLink{{}, std::move(log_detail)});
}

/// The four values while they are collected. A name that was not met is nothing; one met with no value is empty.
using FoundFields = std::array<std::optional<std::string>, link_field_names.size()>;

/// Takes the known names out of `a=1&b=2`. Returns what is wrong, or nothing.
std::optional<std::string> collect_fields(std::string_view parameters, FoundFields& found) {
  while (!parameters.empty()) {
    const std::string_view pair = parameters.substr(0, parameters.find('&'));
    parameters.remove_prefix(pair.size() < parameters.size() ? pair.size() + 1 : pair.size());
    const std::size_t equals = pair.find('=');
    const std::string name = percent_decode(pair.substr(0, equals), SpaceAs::plus);
    for (std::size_t i = 0; i < link_field_names.size(); ++i) {
      if (name != link_field_names[i]) continue;
      if (found[i]) return name + " stands twice";
      const std::string_view value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
      found[i] = percent_decode(value, SpaceAs::plus);
      if (!is_utf8(*found[i])) return name + " is not UTF-8";
    }
  }
  return std::nullopt;
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

tl::expected<Link, MalformedLink> link_of_fields(FoundFields found) {
  Link link;
  MalformedLink incomplete;
  for (std::size_t i = 0; i < link_field_names.size(); ++i) {
    if (!found[i] || found[i]->empty()) {
      incomplete.missing.push_back(link_field_names[i]);
    } else {
      field_of(link, i) = std::move(*found[i]);
    }
  }
  if (incomplete.missing.empty()) return link;
  incomplete.log_detail = "values are missing";
  return tl::make_unexpected(std::move(incomplete));
}

tl::expected<Link, MalformedLink> read_link(std::string_view url) {
  if (url.size() > max_link_bytes) return malformed("longer than 4096 bytes");
  const ParameterParts parts = parameter_parts(url);
  FoundFields found;
  for (const std::string_view parameters : {parts.query, parts.fragment}) {
    if (auto problem = collect_fields(parameters, found)) return malformed(std::move(*problem));
  }
  return link_of_fields(std::move(found));
}

}  // namespace waxseal
