#include "cli/command.hpp"

namespace waxseal::server {

std::unique_ptr<CLI::App> make_command_line(CommandLine& line) {
  auto app = std::make_unique<CLI::App>("Waxseal proves that a person owns a mailbox.", "waxseal");
  app->require_subcommand(1);
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
  add_version_command(*app, line);
  return app;
}

}  // namespace waxseal::server
