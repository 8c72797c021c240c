#include <filesystem>
#include <functional>
#include <iostream>

#include "adapters/sqlite/sqlite_adopted_schema.hpp"
#include "adapters/sqlite/sqlite_migrations.hpp"
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

/// The detail of an error that names its key itself.
std::string without_key(const std::string& key, const std::string& detail) {
  return detail.rfind(key + ": ", 0) == 0 ? detail.substr(key.size() + 2) : detail;
}

using Report = std::function<void(Problem::Severity, std::string key, std::string message)>;

/// Opens the file as it is, so that a check never changes one that belongs to another program.
void look_at_storage(const Settings& settings, const Report& report) {
  const std::string path = sqlite_path_of(settings);
  const AccountTables tables = sqlite_tables_of(settings);
  if (!std::filesystem::exists(path)) {
    if (tables.adopted()) {
      report(Problem::Severity::error, "storage.url",
             path + " does not exist: it must be the file with " + tables.accounts);
    } else {
      report(Problem::Severity::warning, "storage.url", path + " does not exist: run `waxseal migrate`");
    }
    return;
  }
  SqliteDatabase database{path, 1, SqliteFile::looked_at};
  const auto adoption = database.run([&](SqliteConnection& connection) -> Result<std::vector<AdoptionProblem>> {
    return find_adoption_problems(connection, tables);
  });
  const auto missing = missing_sqlite_steps(database, tables);
  if (adoption) {
    for (const AdoptionProblem& problem : *adoption) report(Problem::Severity::error, problem.key, problem.message);
  }
  if (!missing) {
    report(Problem::Severity::error, "storage.url", without_key("storage.url", missing.error().log_detail));
  } else if (!missing->empty()) {
    report(Problem::Severity::warning, "storage.url", path + " lacks " + missing->front() + ": run `waxseal migrate`");
  }
}

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
  look_at_storage(application.settings(), report);
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
