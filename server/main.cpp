// The program: reads the command line and runs the command that was chosen.

#include <sys/stat.h>

#include <iostream>

#include <waxseal/bytes.hpp>

#include "cli/command.hpp"

int main(int argc, char** argv) {
  using namespace waxseal::server;
  CLI::App app{"Waxseal proves that a person owns a mailbox."};
  app.name("waxseal");
  app.require_subcommand(1);
  CommandLine line;
  const CLI::Option* config =
      app.add_option("--config", line.config_path, "The configuration, TOML")->capture_default_str();
  app.add_flag("--json", line.json, "Print JSON");
  add_serve_command(app, line);
  add_check_command(app, line);
  add_migrate_command(app, line);
  add_key_commands(app, line);
  add_user_commands(app, line);
  add_link_commands(app, line);
  add_version_command(app, line);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_done : exit_misuse;
  }
  line.config_given = config->count() > 0;
  umask(077);  // databases, keys and mails are nobody else's
  if (!waxseal::prepare_crypto()) {
    std::cerr << "error: libsodium cannot be used on this machine\n";
    return exit_failed;
  }
  try {
    return line.chosen();
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return exit_failed;
  }
}
