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

int check(const CommandLine& line) {
  const Configuration configuration = read_configuration(line.config_path, waxseal_environment());
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
