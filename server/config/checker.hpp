#pragma once
/// @file checker.hpp
/// What the checks of a configuration have in common.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/settings.hpp"

namespace waxseal::server {

/// Collects problems, each with the place where its key stands, if it was given at all.
class Checker {
 public:
  explicit Checker(Configuration& configuration) : configuration_(configuration) {}
  void error(std::string key, std::string message) {
    add(Problem::Severity::error, std::move(key), std::move(message));
  }
  void warning(std::string key, std::string message) {
    add(Problem::Severity::warning, std::move(key), std::move(message));
  }

 private:
  void add(Problem::Severity severity, std::string key, std::string message) {
    // A key that could not be read is reported once, for what was written.
    const auto reported = [&](const Problem& problem) {
      return problem.key == key && problem.severity == Problem::Severity::error;
    };
    const auto& problems = configuration_.problems;
    if (std::any_of(problems.begin(), problems.end(), reported)) return;
    const auto position = configuration_.positions.find(key);
    std::string where = position != configuration_.positions.end() ? position->second : "";
    configuration_.problems.push_back({severity, std::move(key), std::move(where), std::move(message)});
  }
  Configuration& configuration_;
};

}  // namespace waxseal::server
