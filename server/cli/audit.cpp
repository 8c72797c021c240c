#include <iostream>

#include "cli/command.hpp"
#include "cli/words.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t listed_by_default = 1000;
constexpr std::size_t listed_at_most = 1000000;

struct AuditOptions {
  std::string account;
  std::string address;
  std::string since;
  std::string before;
  std::size_t limit = listed_by_default;
};

AuditSelection selection_of(const AuditOptions& options, UnixTime now) {
  AuditSelection selection;
  if (!options.account.empty()) selection.account_id = options.account;
  if (!options.address.empty()) selection.address = options.address;
  if (!options.since.empty()) selection.since = parse_time(options.since, now);
  if (!options.before.empty()) selection.before = parse_time(options.before, now);
  return selection;
}

nlohmann::ordered_json entry_json(const AuditEntry& entry) {
  const auto or_null = [](const std::string& text) {
    return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
  };
  return {{"at_unix_s", to_unix_s(entry.at)},
          {"event", name_of(entry.event)},
          {"account", entry.account_id},
          {"link_version", entry.version},
          {"old_email", entry.old_email},
          {"new_email", entry.new_email},
          {"key", or_null(entry.origin.key_id)},
          {"client", or_null(entry.origin.client ? entry.origin.client->text() : "")}};
}

void print_entries(const std::vector<AuditEntry>& entries) {
  for (const AuditEntry& entry : entries) {
    std::cout << in_words(entry.at) << "  " << name_of(entry.event) << "  account " << entry.account_id << "  "
              << (entry.old_email.empty() ? "(none)" : entry.old_email) << " -> " << entry.new_email;
    if (!entry.origin.key_id.empty()) std::cout << "  key " << entry.origin.key_id;
    std::cout << "  from " << (entry.origin.client ? entry.origin.client->text() : "a command") << '\n';
  }
}

int audit(const CommandLine& line, const AuditOptions& options) {
  const auto opened = OpenedApplication::open(line);
  if (!opened) return exit_failed;
  const auto storage = (**opened).ready_storage();
  if (!storage) return print_error(line, storage.error());
  const auto entries = (*storage)->audit_trail().list(selection_of(options, (**opened).clock().now()), options.limit);
  if (!entries) return print_error(line, entries.error());
  if (line.json) {
    auto list = nlohmann::ordered_json::array();
    for (const AuditEntry& entry : *entries) list.push_back(entry_json(entry));
    print_json({{"entries", list}});
  } else {
    print_entries(*entries);
  }
  if (entries->size() == options.limit) {
    std::cerr << "note: the newest " << options.limit << " entries; --limit shows more, the other options fewer\n";
  }
  return exit_done;
}

/// With what is allowed if the text is no time.
CLI::Validator is_time() {
  return CLI::Validator{[](std::string& text) {
                          return parse_time(text, UnixTime{})
                                     ? std::string{}
                                     : "must be 2026-11-25, 2026-11-25T12:00:00Z (UTC), or how "
                                       "long ago, such as 7d, 12h or 30m";
                        },
                        "TIME"};
}

}  // namespace

void add_audit_command(CLI::App& app, CommandLine& line) {
  const auto options = std::make_shared<AuditOptions>();
  CLI::App* command = add_command(app, line, "audit", "Say who changed which address, when, by which key, from where",
                                  [&line, options] { return audit(line, *options); });
  command->add_option("--account", options->account, "Only of this account's id")->type_name("ID");
  command->add_option("--address", options->address, "Only from or to this address")->type_name("ADDRESS");
  command->add_option("--since", options->since, "Only from this time on: a date, or how long ago, e.g. 7d")
      ->check(is_time());
  command->add_option("--before", options->before, "Only before this time")->check(is_time());
  command->add_option("--limit", options->limit, "At most so many, the newest")
      ->check(CLI::Range(std::size_t{1}, listed_at_most))
      ->capture_default_str();
}

}  // namespace waxseal::server
