// The program: reads the command line and runs the command that was chosen.

#include <sys/stat.h>

#include <iostream>

#include <waxseal/bytes.hpp>

#include "cli/command.hpp"

int main(int argc, char** argv) {
  using namespace waxseal::server;
  CommandLine line;
  const auto app = make_command_line(line);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app->exit(error) == 0 ? exit_done : exit_misuse;
  }
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
