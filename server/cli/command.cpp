#include "cli/command.hpp"

#include <iostream>

namespace waxseal::server {
namespace {

/// On one line; bytes of arguments that are not UTF-8 are replaced.
std::string json_line(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

void print_problems(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) std::cerr << to_line(problem) << '\n';
}

int print_error(const CommandLine& line, const Error& error) {
  if (line.json) {
    std::cerr << json_line({{"error", {{"code", wire_name(error.code)}, {"detail", error.log_detail}}}}) << '\n';
  } else {
    std::cerr << "error: " << error.log_detail << '\n';
  }
  return exit_failed;
}

OpenedApplication::OpenedApplication(Configuration configuration)
    : log_(log_level_of(configuration.settings), log_format_of(configuration.settings)),
      application_(std::move(configuration), log_) {}

std::unique_ptr<OpenedApplication> OpenedApplication::open(const CommandLine& line, Warnings warnings) {
  Configuration configuration = read_configuration(line.config_path, waxseal_environment());
  if (configuration.has_errors() || warnings == Warnings::print) {
    print_problems(configuration.problems);
  }
  if (configuration.has_errors()) return nullptr;
  return std::unique_ptr<OpenedApplication>{new OpenedApplication{std::move(configuration)}};
}

void print_json(const nlohmann::ordered_json& value) { std::cout << json_line(value) << std::endl; }

CLI::App* add_command(CLI::App& parent, CommandLine& line, const std::string& name, const std::string& help,
                      std::function<int()> run) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->footer("--config FILE, and --json where something is printed, may stand before or after.");
  command->fallthrough();  // --config and --json may stand after the command, too
  if (run) command->callback([&line, run = std::move(run)] { line.chosen = run; });
  return command;
}

}  // namespace waxseal::server
