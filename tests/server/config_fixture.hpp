#pragma once
/// @file config_fixture.hpp
/// Configurations as texts: a good one to start from, and what was said of another one.

#include <algorithm>
#include <string>
#include <vector>

#include "config/setting_keys.hpp"
#include "config/settings.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

namespace waxseal::test {

/// As little as may stand in a file that is fine: each section once, in the order of the contract.
inline const std::string good_configuration = R"([register_email]
verification_url = "https://site.example/verify-email/"
from = "Example <no-reply@site.example>"
[signing]
keys_dir = "keys"
[mail]
smtp_url = "smtp://127.0.0.1:2525"
)";

class ConfigFixture {
 public:
  server::Configuration read(const std::string& text, const server::Environment& environment = {}) const {
    write_file(folder / "waxseal.toml", text);
    return server::read_configuration(path(), environment);
  }
  std::string path() const { return (folder / "waxseal.toml").string(); }

  /// A file with a secret in it. @return  Its path, ready for a TOML text.
  std::string secret_file(const std::string& name, const std::string& secret, unsigned mode = 0600) const {
    write_file(folder / name, secret);
    std::filesystem::permissions(folder / name, static_cast<std::filesystem::perms>(mode));
    return (folder / name).string();
  }

  TempFolder folder;
};

/// Everything that was said, a line each, as the commands print it.
inline std::string lines_of(const server::Configuration& configuration) {
  std::string all;
  for (const server::Problem& problem : configuration.problems) all += server::to_line(problem) + "\n";
  return all;
}

inline std::vector<server::Problem> problems_of(const server::Configuration& configuration, const std::string& key,
                                                server::Problem::Severity severity) {
  std::vector<server::Problem> found;
  for (const server::Problem& problem : configuration.problems) {
    if (problem.key == key && problem.severity == severity) found.push_back(problem);
  }
  return found;
}

inline std::vector<server::Problem> errors_of(const server::Configuration& configuration, const std::string& key) {
  return problems_of(configuration, key, server::Problem::Severity::error);
}
inline std::vector<server::Problem> warnings_of(const server::Configuration& configuration, const std::string& key) {
  return problems_of(configuration, key, server::Problem::Severity::warning);
}

/// `good_configuration` with more lines in one section.
inline std::string good_with(const std::string& section, const std::string& lines) {
  const std::string header = "[" + section + "]\n";
  const std::size_t place = good_configuration.find(header);
  if (place == std::string::npos) return good_configuration + header + lines + "\n";
  std::string text = good_configuration;
  return text.insert(place + header.size(), lines + "\n");
}

/// `good_configuration` with one of its lines replaced; the new text may be empty.
inline std::string good_but(const std::string& line, const std::string& instead) {
  std::string text = good_configuration;
  const std::size_t place = text.find(line);
  if (place == std::string::npos) throw std::logic_error{line + " is not in the good configuration"};
  return text.replace(place, line.size(), instead);
}

}  // namespace waxseal::test
