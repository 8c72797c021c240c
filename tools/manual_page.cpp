// Prints the manual page waxseal(1), in the man macros of groff_man(7), from the table of commands that the program parses
// with: the page and `waxseal --help` cannot drift apart.

#include <cstdio>
#include <string>

#include "cli/command.hpp"

namespace {

/// Text for roff: hyphens that can be copied, no line that a leading dot or quote would turn into a request.
std::string roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return escaped.empty() || (escaped[0] != '.' && escaped[0] != '\'') ? escaped : "\\&" + escaped;
}

void print(const std::string& line) { std::puts(line.c_str()); }

/// `--email E`, `KID`, `--json`.
std::string spelled(const CLI::Option& option) {
  if (option.get_positional()) return option.get_name();
  std::string name = option.get_name(false, true);
  for (std::size_t comma = name.find(','); comma != std::string::npos; comma = name.find(',', comma + 2)) {
    name.insert(comma + 1, " ");
  }
  const std::string value = waxseal::server::value_name(option);
  return value.empty() ? name : name + " " + value;
}

void print_options(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (command.get_parent() != nullptr && option == command.get_help_ptr()) continue;  // said once, at the top
    print(".TP\n.B " + roff(spelled(*option)));
    std::string meaning = option->get_description();
    if (option->get_required()) meaning += " (required)";
    if (!option->get_default_str().empty()) meaning += " (default: " + option->get_default_str() + ")";
    print(roff(meaning));
  }
}

/// A command that does something, or the commands below one that only groups them.
void print_command(const CLI::App& command, const std::string& before) {
  const std::string name = before + command.get_name();
  const auto below = command.get_subcommands([](const CLI::App*) { return true; });
  if (below.empty()) {
    print(".SS " + roff(name));
    print(roff(command.get_description() + "."));
    print_options(command);
  }
  for (const CLI::App* sub : below) print_command(*sub, name + " ");
}

constexpr const char* end_of_page = R"(.SH EXIT STATUS
.TP
.B 0
Done.
.TP
.B 1
Refused or failed; the reason is on standard error.
.TP
.B 2
The command line was not understood.
.SH ENVIRONMENT
Every key of the configuration can be set as \fBWAXSEAL_SECTION_KEY\fR, for example \fBWAXSEAL_SERVER_LISTEN\fR.
Secrets are files or variables, never arguments.
.SH FILES
.TP
.I waxseal.toml
The configuration, in the working folder unless \fB\-\-config\fR names another.
.TP
.I /etc/waxseal/waxseal.toml
The configuration of the service that the Debian package installs.)";

}  // namespace

int main() {
  using namespace waxseal::server;
  CommandLine line;
  const auto app = make_command_line(line);
  print(".TH WAXSEAL 1 \"\" \"waxseal " + roff(WAXSEAL_VERSION) + "\" \"User Commands\"");
  print(".SH NAME\nwaxseal \\- proves that a person owns a mailbox");
  print(
      ".SH SYNOPSIS\n.B waxseal\n[\\fB\\-\\-config\\fR \\fIFILE\\fR] [\\fB\\-\\-json\\fR] \\fICOMMAND\\fR "
      "[\\fIOPTIONS\\fR]");
  print(
      ".SH DESCRIPTION\nA signed\\-in person asks for a new address, a mail brings a link, the page behind it waits "
      "for one "
      "press, and the\naddress changes. This program answers the requests, sends the mails, and keeps keys, accounts "
      "and "
      "outbox.");
  print(".SH OPTIONS\nThey may stand before or after the command.");
  print_options(*app);
  print(".SH COMMANDS");
  for (const CLI::App* command : app->get_subcommands([](const CLI::App*) { return true; }))
    print_command(*command, "");
  print(end_of_page);
  return 0;
}
