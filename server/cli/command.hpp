#pragma once
/// @file command.hpp
/// What all subcommands share: where the configuration is, how to print, what to exit with.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "adapters/system/spdlog_log.hpp"
#include "application.hpp"
#include "config/settings.hpp"

namespace waxseal::server {

/// Exit codes of the contract; misuse (2) is the parser's.
enum ExitCode { exit_done = 0, exit_failed = 1, exit_misuse = 2 };

/// The options that every command takes, and the command that was chosen.
struct CommandLine {
  std::string config_path = "waxseal.toml";
  bool config_given = false;
  bool json = false;
  std::function<int()> chosen;  ///< Set by the parser.
};

/// Lines of problems, on standard error.
void print_problems(const std::vector<Problem>& problems);

/// Why a command failed, on standard error (with --json as `{"error": {"code", "detail"}}`). Returns exit_failed.
int print_error(const CommandLine& line, const Error& error);

/// An application on the named configuration, or nothing after its errors were printed.
class OpenedApplication {
 public:
  /// Warnings are for those who start or check a server; other commands print errors only.
  enum class Warnings { hide, print };
  static std::unique_ptr<OpenedApplication> open(const CommandLine& line, Warnings warnings = Warnings::hide);
  Application& operator*() { return application_; }
  Application* operator->() { return &application_; }

 private:
  explicit OpenedApplication(Configuration configuration);
  SpdlogLog log_;
  Application application_;
};

/// Prints a JSON value on one line of standard output.
void print_json(const nlohmann::ordered_json& value);

/// Adds a subcommand that runs `run` when it is the one chosen.
CLI::App* add_command(CLI::App& parent, CommandLine& line, const std::string& name, const std::string& help,
                      std::function<int()> run);

void add_serve_command(CLI::App& app, CommandLine& line);
void add_check_command(CLI::App& app, CommandLine& line);
void add_migrate_command(CLI::App& app, CommandLine& line);
void add_key_commands(CLI::App& app, CommandLine& line);
void add_user_commands(CLI::App& app, CommandLine& line);
void add_link_commands(CLI::App& app, CommandLine& line);
void add_outbox_commands(CLI::App& app, CommandLine& line);
void add_audit_command(CLI::App& app, CommandLine& line);
void add_prune_command(CLI::App& app, CommandLine& line);
void add_mail_commands(CLI::App& app, CommandLine& line);
void add_version_command(CLI::App& app, CommandLine& line);

/// What stands for an option's value in help and manual: "FILE", "N"; empty of a flag and of what has no dashes.
std::string value_name(const CLI::Option& option);

/// Every command with its options. The program parses with it; the manual page is made from it.
/// @param line  Filled by the parser; outlives the result.
std::unique_ptr<CLI::App> make_command_line(CommandLine& line);

}  // namespace waxseal::server
