#include <filesystem>
#include <iostream>

#include "cli/command.hpp"

namespace waxseal::server {
namespace {

nlohmann::ordered_json problem_json(const Problem& problem) {
  const bool error = problem.severity == Problem::Severity::error;
  return {{"severity", error ? "error" : "warning"},
          {"key", problem.key},
          {"where", problem.where},
          {"message", problem.message}};
}

/// What `serve` would refuse besides the configuration: no key yet, no tables yet. Makes and changes nothing.
void look_at_surroundings(Configuration& configuration, const CommandLine& line) {
  const auto warn = [&](std::string key, std::string message) {
    configuration.problems.push_back({Problem::Severity::warning, std::move(key), "", std::move(message)});
  };
  const auto opened = OpenedApplication::open(line);
  if (!opened) return;
  Application& application = **opened;
  if (const auto keys = application.open_keys(); !keys) warn("signing.keys_dir", keys.error().log_detail);
  if (!std::filesystem::exists(application.database().path())) {
    warn("storage.url", application.database().path() + " does not exist: run `waxseal migrate`");
  } else if (const auto ready = application.check_store(); !ready) {
    warn("storage.url", ready.error().log_detail);
  }
}

int check(const CommandLine& line) {
  Configuration configuration = read_configuration(line.config_path, waxseal_environment());
  if (!configuration.has_errors()) look_at_surroundings(configuration, line);
  if (line.json) {
    auto problems = nlohmann::ordered_json::array();
    for (const Problem& problem : configuration.problems) problems.push_back(problem_json(problem));
    print_json({{"ok", !configuration.has_errors()}, {"problems", problems}});
  } else {
    print_problems(configuration);
    if (!configuration.has_errors()) std::cout << line.config_path << " is fine\n";
  }
  return configuration.has_errors() ? exit_failed : exit_done;
}

}  // namespace

void add_check_command(CLI::App& app, CommandLine& line) {
  add_command(app, line, "check", "Say everything that is wrong with the configuration",
              [&line] { return check(line); });
}

}  // namespace waxseal::server
