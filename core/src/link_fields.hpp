#pragma once
/// @file link_fields.hpp
/// The fields of a link by their index, private to the readers and writers of links.

#include <array>
#include <cstddef>
#include <optional>
#include <string>

#include <waxseal/link.hpp>

namespace waxseal {

/// The value named `link_field_names[index]`.
std::string& field_of(Link& link, std::size_t index);
const std::string& field_of(const Link& link, std::size_t index);

/// The link, or which of its values are absent or empty.
tl::expected<Link, MalformedLink> link_of_fields(std::array<std::optional<std::string>, link_field_names.size()> found);

}  // namespace waxseal
