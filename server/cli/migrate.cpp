#include <iostream>

#include "cli/command.hpp"

namespace waxseal::server {
namespace {

int migrate(const CommandLine& line) {
  const auto application = OpenedApplication::open(line);
  if (!application) return exit_failed;
  const auto applied = (**application).storage().migrate();
  if (!applied) return print_error(line, applied.error());
  // The claims of the configured kind of uniqueness are made here rather than at the first request.
  if (const auto storage = (**application).open_storage(); !storage) return print_error(line, storage.error());
  if (line.json) {
    print_json({{"applied", *applied}});
    return exit_done;
  }
  for (const std::string& name : *applied) std::cout << "applied " << name << '\n';
  if (applied->empty()) std::cout << "nothing to do\n";
  return exit_done;
}

}  // namespace

void add_migrate_command(CLI::App& app, CommandLine& line) {
  add_command(app, line, "migrate", "Bring the database's tables up to this version",
              [&line] { return migrate(line); });
}

}  // namespace waxseal::server
