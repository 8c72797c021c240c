#include <filesystem>
#include <functional>
#include <iostream>

#include "cli/command.hpp"
#include "cli/front_end.hpp"

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

/// Talks to the mail server, and mails nothing.
void probe_mail(Configuration& configuration, const CommandLine& line) {
  const auto opened = OpenedApplication::open(line);
  if (!opened) return;
  for (Problem& problem : (**opened).probe_mail()) configuration.problems.push_back(std::move(problem));
}

struct CheckOptions {
  bool probe = false;
  bool front_end = false;
  std::string backend;
};

/// An origin of a browser, as `--backend` takes it: what follows the host is the configuration's to say.
CLI::Validator is_origin_of_web() {
  return CLI::Validator{[](std::string& text) {
                          return is_origin(text) ? std::string{}
                                                 : "must be scheme and host in lower case, e.g. https://api.example";
                        },
                        "ORIGIN"};
}

void print_front_end(const FrontEnd& front_end) {
  for (const FrontEndPage& page : front_end.pages) {
    std::cout << "\n<!-- The page of " << page.url << ", with the npm package waxseal. Send with it:\n"
              << "     Content-Security-Policy: " << page.content_security_policy << "\n"
              << "     Referrer-Policy: no-referrer -->\n"
              << page.html << '\n';
  }
}

nlohmann::ordered_json front_end_json(const FrontEnd& front_end) {
  auto pages = nlohmann::ordered_json::array();
  for (const FrontEndPage& page : front_end.pages) {
    pages.push_back(
        {{"url", page.url}, {"html", page.html}, {"content_security_policy", page.content_security_policy}});
  }
  return pages;
}

int check(const CommandLine& line, const CheckOptions& options) {
  Configuration configuration = read_configuration(line.config_path, waxseal_environment());
  if (!configuration.has_errors()) look_at_surroundings(configuration, line);
  if (options.probe && !configuration.has_errors()) probe_mail(configuration, line);
  std::optional<FrontEnd> front_end;
  if (options.front_end && !configuration.has_errors()) {
    front_end = front_end_of(configuration, options.backend);
    for (Problem& problem : front_end->problems) configuration.problems.push_back(std::move(problem));
  }
  if (line.json) {
    auto problems = nlohmann::ordered_json::array();
    for (const Problem& problem : configuration.problems) problems.push_back(problem_json(problem));
    nlohmann::ordered_json answer{{"ok", !configuration.has_errors()}, {"problems", problems}};
    if (front_end) answer["front_end"] = front_end_json(*front_end);
    print_json(answer);
  } else {
    print_problems(configuration.problems);
    if (!configuration.has_errors()) std::cout << line.config_path << " is fine\n";
    if (front_end) print_front_end(*front_end);
  }
  return configuration.has_errors() ? exit_failed : exit_done;
}

}  // namespace

void add_check_command(CLI::App& app, CommandLine& line) {
  const auto options = std::make_shared<CheckOptions>();
  CLI::App* command = add_command(app, line, "check", "Say everything that is wrong with the configuration",
                                  [&line, options] { return check(line, *options); });
  command->add_flag("--probe", options->probe, "Talk to the mail server, too; no mail is sent");
  CLI::Option* front_end = command->add_flag("--front-end", options->front_end,
                                             "Print what the pages behind links need: element and policy");
  command
      ->add_option("--backend", options->backend,
                   "Where browsers reach this backend; without: on the pages' own origin")
      ->check(is_origin_of_web())
      ->needs(front_end);
}

}  // namespace waxseal::server
