#include <iostream>

#include "cli/command.hpp"

namespace waxseal::server {

void add_version_command(CLI::App& app, CommandLine& line) {
  add_command(app, line, "version", "Print the version", [&line] {
    if (line.json) {
      print_json({{"version", WAXSEAL_VERSION}});
    } else {
      std::cout << "waxseal " << WAXSEAL_VERSION << '\n';
    }
    return exit_done;
  });
}

}  // namespace waxseal::server
