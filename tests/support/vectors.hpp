#pragma once
/// @file vectors.hpp
/// Files of the source tree: above all the recorded answers of Django REST Registration in tests/vectors, one JSON object a
/// line.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace waxseal::test {

/// `path`, from the root of the source tree.
std::string in_sources(const std::string& path);

/// Every row of `tests/vectors/<name>`. Ends the test program if the file is missing or has no row.
std::vector<nlohmann::json> read_vectors(const std::string& name);

}  // namespace waxseal::test
