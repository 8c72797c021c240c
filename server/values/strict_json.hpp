#pragma once
/// @file strict_json.hpp
/// JSON of strangers, in one meaning only.

#include <string_view>

#include <nlohmann/json.hpp>

namespace waxseal::server {

struct StrictJson {
  nlohmann::json value;  ///< Discarded if the text is no JSON in UTF-8.
  bool repeats = false;  ///< Some object has a member twice: two readers might pick different ones.
};

/// An integer beyond 64 bits becomes a text, digit for digit. Never throws. Any depth.
StrictJson parse_strictly(std::string_view text);

}  // namespace waxseal::server
