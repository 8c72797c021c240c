#include "cli/command.hpp"

#include <algorithm>

namespace waxseal::server {
namespace {

/// Options as people read them: `--limit N (default: 1000)`, not `--limit UINT:UINT in [1 - 1000000]=1000`.
class HelpFormatter final : public CLI::Formatter {
  std::string make_option_opts(const CLI::Option* option) const override {
    std::string text;
    if (const std::string value = value_name(*option); !value.empty()) text += " " + value;
    if (option->get_required()) text += " (required)";
    if (!option->get_default_str().empty()) text += " (default: " + option->get_default_str() + ")";
    return text;
  }
};

}  // namespace

std::string value_name(const CLI::Option& option) {
  if (option.get_positional() || option.get_items_expected_max() == 0) return "";
  const std::string type = option.get_type_name();  // "UINT:UINT in [1 - 9]": the type, and how it is checked
  const std::size_t colon = type.find(':');
  const std::string check = colon != std::string::npos ? type.substr(colon + 1) : "";
  const bool is_word =
      !check.empty() && std::all_of(check.begin(), check.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (is_word) return check;
  const std::string name = type.substr(0, colon);
  return name == "UINT" || name == "INT" ? "N" : name;
}

std::unique_ptr<CLI::App> make_command_line(CommandLine& line) {
  auto app = std::make_unique<CLI::App>("Waxseal proves that a person owns a mailbox.", "waxseal");
  app->require_subcommand(1);
  app->formatter(std::make_shared<HelpFormatter>());
  app->footer(
      "waxseal COMMAND --help says more; so does waxseal(1). Exit: 0 done, 1 refused or failed, 2 misuse of the "
      "command "
      "line.");
  CLI::Option* config = app->add_option("--config", line.config_path, "The configuration, TOML")->type_name("FILE");
  config->capture_default_str()->each([&line](const std::string&) { line.config_given = true; });
  app->add_flag("--json", line.json, "Print JSON");
  add_serve_command(*app, line);
  add_check_command(*app, line);
  add_migrate_command(*app, line);
  add_key_commands(*app, line);
  add_user_commands(*app, line);
  add_link_commands(*app, line);
  add_outbox_commands(*app, line);
  add_mail_commands(*app, line);
  add_audit_command(*app, line);
  add_prune_command(*app, line);
  add_version_command(*app, line);
  return app;
}

}  // namespace waxseal::server
