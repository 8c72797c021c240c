#include <chrono>
#include <iostream>
#include <thread>

#include "cli/command.hpp"

namespace waxseal::server {
namespace {

/// Between two batches, so that a running server gets the write lock of the storage.
constexpr std::chrono::milliseconds pause{5};
/// Shorter work says nothing before its end.
constexpr std::chrono::seconds told_every{2};

/// Says on standard error how far long work has come.
class Progress {
 public:
  void tell(PrunedRecords records, const PruneProgress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (now - told_at_ < told_every) return;
    told_at_ = now;
    std::cerr << name_of(records) << ": looked at " << progress.looked_at << " of " << progress.rows << ", old are "
              << progress.deleted << '\n';
  }

 private:
  std::chrono::steady_clock::time_point told_at_ = std::chrono::steady_clock::now();
};

int prune(const CommandLine& line, PruneMode mode) {
  const auto opened = OpenedApplication::open(line);
  if (!opened) return exit_failed;
  const auto storage = (**opened).ready_storage();
  if (!storage) return print_error(line, storage.error());
  const PruneBounds bounds = prune_bounds_of((**opened).settings(), (**opened).clock().now());
  const bool only_counts = mode == PruneMode::count_them;
  Progress progress;
  nlohmann::ordered_json counts;
  for (const PrunedRecords records : pruned_records) {
    const auto count = (*storage)->pruner().prune(records, bounds, mode, [&](const PruneProgress& so_far) {
      progress.tell(records, so_far);
      if (!only_counts) std::this_thread::sleep_for(pause);
    });
    if (!count) return print_error(line, count.error());
    counts[name_of(records)] = *count;
    if (!line.json)
      std::cout << (only_counts ? "would delete " : "deleted ") << *count << ' ' << name_of(records) << '\n';
  }
  if (line.json) print_json({{only_counts ? "would_delete" : "deleted", counts}});
  return exit_done;
}

}  // namespace

void add_prune_command(CLI::App& app, CommandLine& line) {
  const auto dry_run = std::make_shared<bool>(false);
  CLI::App* command =
      add_command(app, line, "prune", "Forget records older than storage.retention; a server may run meanwhile",
                  [&line, dry_run] { return prune(line, *dry_run ? PruneMode::count_them : PruneMode::delete_them); });
  command->add_flag("--dry-run", *dry_run, "Only count what would be deleted");
}

}  // namespace waxseal::server
