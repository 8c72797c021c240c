#include <filesystem>
#include <functional>
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

using Report = std::function<void(Problem::Severity, std::string key, std::string message)>;

/// What `serve` would refuse besides the configuration: bad templates, no key yet, no tables yet or other ones. Makes and changes nothing.
void look_at_surroundings(Configuration& configuration, const CommandLine& line) {
  const Report report = [&](Problem::Severity severity, std::string key, std::string message) {
    configuration.problems.push_back({severity, std::move(key), "", std::move(message)});
  };
  const auto opened = OpenedApplication::open(line);
  if (!opened) return;
  Application& application = **opened;
  for (Problem& problem : application.check_templates()) configuration.problems.push_back(std::move(problem));
  if (const auto keys = application.open_keys(); !keys) {
    // No key yet is a step to come; one that cannot be read is a mistake.
    const std::string& folder = application.settings().signing.keys_dir;
    const bool readable = !std::filesystem::exists(folder) || application.key_directory().load().has_value();
    report(readable ? Problem::Severity::warning : Problem::Severity::error, "signing.keys_dir",
           keys.error().log_detail);
  }
  if (const auto verifier = application.make_token_verifier(); !verifier) {
    report(Problem::Severity::error, "auth.jwt_key_file", verifier.error().log_detail);
  }
  for (StorageProblem& problem : application.storage().look()) {
    const bool is_mistake = problem.weight == StorageProblem::Weight::mistake;
    report(is_mistake ? Problem::Severity::error : Problem::Severity::warning, std::move(problem.key),
           std::move(problem.message));
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
    print_problems(configuration.problems);
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
