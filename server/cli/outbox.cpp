#include <algorithm>
#include <iostream>

#include "cli/command.hpp"
#include "cli/words.hpp"
#include "config/setting_keys.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t listed_by_default = 1000;
constexpr std::size_t listed_at_most = 1000000;

struct OutboxOptions {
  std::vector<std::int64_t> ids;
  std::vector<std::string> states;
  std::string older_than;
  std::size_t limit = listed_by_default;
  bool all = false;
  bool with_queued = false;
};

const std::vector<std::string>& state_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const OutboxState state : outbox_states) all.emplace_back(name_of(state));
    return all;
  }();
  return names;
}

OutboxSelection selection_of(const OutboxOptions& options, UnixTime now) {
  OutboxSelection selection;
  selection.ids = options.ids;
  for (const OutboxState state : outbox_states) {
    const auto& wanted = options.states;
    if (std::find(wanted.begin(), wanted.end(), name_of(state)) != wanted.end()) selection.states.push_back(state);
  }
  if (!options.older_than.empty()) selection.before = now - parse_duration(options.older_than).value();
  return selection;
}

nlohmann::ordered_json time_json(const std::optional<UnixTime>& time) {
  return time ? nlohmann::ordered_json(to_unix_s(*time)) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json row_json(const OutboxRow& row) {
  return {{"id", row.id},
          {"kind", row.kind},
          {"account", row.account_id},
          {"address", row.address},
          {"state", name_of(row.state)},
          {"attempts", row.attempts},
          {"held", row.held},
          {"due_unix_s", time_json(row.due_at)},
          {"reason", row.reason.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(row.reason)},
          {"created_unix_s", to_unix_s(row.created_at)},
          {"settled_unix_s", time_json(row.settled_at)}};
}

/// When the entry is tried, or was settled.
std::string when(const OutboxRow& row) {
  if (row.held) return "being sent";
  if (row.due_at) return "due " + in_words(*row.due_at);
  return row.settled_at ? in_words(*row.settled_at) : "";
}

void print_rows(const std::vector<OutboxRow>& rows) {
  for (const OutboxRow& row : rows) {
    std::cout << row.id << "  " << name_of(row.state) << "  " << row.kind << "  account " << row.account_id << "  "
              << row.address << "  asked for " << in_words(row.created_at) << "  " << row.attempts
              << (row.attempts == 1 ? " failure" : " failures") << "  " << when(row) << '\n';
    if (!row.reason.empty()) std::cout << "    " << row.reason << '\n';
  }
}

int list(const CommandLine& line, Application& application, OutboxAdmin& outbox, const OutboxOptions& options) {
  const UnixTime now = application.clock().now();
  const auto rows = outbox.list(selection_of(options, now), options.limit, now);
  if (!rows) return print_error(line, rows.error());
  if (line.json) {
    auto entries = nlohmann::ordered_json::array();
    for (const OutboxRow& row : *rows) entries.push_back(row_json(row));
    print_json({{"entries", entries}});
  } else {
    print_rows(*rows);
  }
  if (rows->size() == options.limit) {
    std::cerr << "note: the newest " << options.limit << " entries; --limit shows more, --state fewer\n";
  }
  return exit_done;
}

int print_count(const CommandLine& line, const char* done, const Result<int>& count) {
  if (!count) return print_error(line, count.error());
  if (line.json) {
    print_json({{done, *count}});
  } else {
    std::cout << done << ' ' << *count << '\n';
  }
  return exit_done;
}

/// Why one of the named entries will not do, before any is touched.
std::optional<Error> refuse_ids(OutboxAdmin& outbox, const OutboxOptions& options, UnixTime now,
                                const std::vector<OutboxState>& allowed, const std::string& rule) {
  if (options.ids.empty()) return std::nullopt;
  const auto rows = outbox.list({options.ids, {}, {}}, options.ids.size(), now);
  if (!rows) return rows.error();
  for (const std::int64_t id : options.ids) {
    const auto row = std::find_if(rows->begin(), rows->end(), [&](const OutboxRow& found) { return found.id == id; });
    const std::string entry = "entry " + std::to_string(id);
    if (row == rows->end()) return Error{ErrorCode::not_found, entry + " is not in the outbox"};
    if (row->held) return Error{ErrorCode::invalid_fields, entry + " is being sent right now"};
    if (std::find(allowed.begin(), allowed.end(), row->state) == allowed.end()) {
      return Error{ErrorCode::invalid_fields, entry + " is " + name_of(row->state) + ": " + rule};
    }
  }
  return std::nullopt;
}

int retry(const CommandLine& line, Application& application, OutboxAdmin& outbox, const OutboxOptions& options) {
  const UnixTime now = application.clock().now();
  const auto refusal = refuse_ids(outbox, options, now, {OutboxState::queued, OutboxState::dead},
                                  "only dead and queued entries can be tried again");
  if (refusal) return print_error(line, *refusal);
  return print_count(line, "retried", outbox.retry(selection_of(options, now), now));
}

int purge(const CommandLine& line, Application& application, OutboxAdmin& outbox, OutboxOptions options) {
  const UnixTime now = application.clock().now();
  std::vector<OutboxState> allowed{OutboxState::sent, OutboxState::dropped, OutboxState::dead};
  if (options.with_queued) allowed.push_back(OutboxState::queued);
  const auto refusal =
      refuse_ids(outbox, options, now, allowed, "a mail that was promised is deleted with --with-queued only");
  if (refusal) return print_error(line, *refusal);
  if (options.states.empty()) {
    for (const OutboxState state : allowed) options.states.emplace_back(name_of(state));
  }
  return print_count(line, "purged", outbox.purge(selection_of(options, now), now));
}

using OutboxWork = std::function<int(const CommandLine&, Application&, OutboxAdmin&, const OutboxOptions&)>;

std::function<int()> on_outbox(const CommandLine& line, const std::shared_ptr<OutboxOptions>& options,
                               OutboxWork work) {
  return [&line, options, work = std::move(work)] {
    const auto opened = OpenedApplication::open(line);
    if (!opened) return static_cast<int>(exit_failed);
    const auto storage = (**opened).ready_storage();
    return storage ? work(line, **opened, (*storage)->outbox_admin(), *options) : print_error(line, storage.error());
  };
}

/// `7d` and the like, with what is allowed if it is not.
CLI::Validator is_duration() {
  return CLI::Validator{[](std::string& text) {
                          return parse_duration(text) ? std::string{} : "must be a duration such as 7d, 12h or 30m";
                        },
                        "AGE"};
}

void add_states(CLI::App* command, OutboxOptions& options, const std::string& help) {
  command->add_option("--state", options.states, help)->check(CLI::IsMember(state_names()))->delimiter(',');
}

}  // namespace

void add_outbox_commands(CLI::App& app, CommandLine& line) {
  CLI::App* outbox = add_command(app, line, "outbox", "Look after the mails and events that wait", {});
  outbox->require_subcommand(1);
  const auto options = std::make_shared<OutboxOptions>();

  CLI::App* list_command =
      add_command(*outbox, line, "list", "List entries, oldest first", on_outbox(line, options, list));
  add_states(list_command, *options, "Only these: queued, sent, dropped, dead");
  list_command->add_option("--limit", options->limit, "At most so many, the newest")
      ->check(CLI::Range(std::size_t{1}, listed_at_most))
      ->capture_default_str();

  CLI::App* retry_command =
      add_command(*outbox, line, "retry", "Try dead or waiting entries now, and on as if asked for now",
                  on_outbox(line, options, retry));
  CLI::Option* retry_ids = retry_command->add_option("ID", options->ids, "Entries to try again");
  CLI::Option* retry_all = retry_command->add_flag("--all", options->all, "All that are dead or wait");
  retry_ids->excludes(retry_all);
  retry_command->require_option(1, 0);

  CLI::App* purge_command =
      add_command(*outbox, line, "purge", "Delete entries that are done", on_outbox(line, options, purge));
  purge_command->add_option("ID", options->ids, "Entries to delete");
  add_states(purge_command, *options, "Only these: sent, dropped, dead");
  purge_command->add_option("--older-than", options->older_than, "Done longer ago than this, e.g. 30d")
      ->check(is_duration());
  purge_command->add_flag("--all", options->all, "All that are done");
  purge_command->add_flag("--with-queued", options->with_queued,
                          "Entries that still wait, too: their mails are never sent");
  purge_command->callback([&line, options, run = on_outbox(line, options, purge)] {
    const bool any = !options->ids.empty() || !options->states.empty() || !options->older_than.empty() || options->all;
    if (!any) throw CLI::RequiredError{"purge: an ID, --state, --older-than or --all"};
    const bool queued = std::find(options->states.begin(), options->states.end(), "queued") != options->states.end();
    if (queued && !options->with_queued) {
      throw CLI::RequiredError{"purge --state queued: mails that were promised; --with-queued"};
    }
    line.chosen = run;
  });
}

}  // namespace waxseal::server
