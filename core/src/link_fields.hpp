#pragma once
/// @file link_fields.hpp
/// The fields of a link by their index, and a link while it is read. Private to the readers and writers of links.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <waxseal/link.hpp>
#include <waxseal/percent_encoding.hpp>

namespace waxseal {

/// The value named `link_field_names[index]`.
std::string& field_of(Link& link, std::size_t index);
const std::string& field_of(const Link& link, std::size_t index);

/// The four values where they stand in the text, still encoded. One that was not met is empty.
using EncodedFields = std::array<std::string_view, link_field_names.size()>;

/// What came of reading a text. A link only if nothing is missing and there is no problem.
struct LinkReading {
  Link link;
  FieldNames missing;              ///< Empty if there is a problem.
  std::string_view problem = {};   ///< For a developer, e.g. " stands twice". Empty: none.
  std::string_view problem_field;  ///< The field that the problem is said of, if it is one of a field.

  bool is_link() const { return missing.empty() && problem.empty(); }
};

/// Decodes the values and finds what is missing.
LinkReading decode_fields(const EncodedFields& encoded, SpaceAs plus);

LinkReading read_parameters(std::string_view url);
LinkReading read_templated(const LinkTemplate& spelling, std::string_view url);

/// The same as a `Result` would have it.
tl::expected<Link, MalformedLink> link_of(LinkReading reading);

inline constexpr std::string_view over_long_link = "longer than 4096 bytes";

}  // namespace waxseal
