#pragma once
/// @file pruner.hpp
/// Forgets what was kept long enough. What it deletes holds personal data: addresses, accounts, network addresses.

#include <array>
#include <cstdint>
#include <functional>

#include <waxseal/error.hpp>
#include <waxseal/expiry.hpp>

namespace waxseal::server {

/// What is pruned, in this order.
enum class PrunedRecords {
  audit,
  outbox,            ///< Settled entries. Those that wait stay, however old.
  changes,           ///< Change records, pending ones, too: their links have expired.
  remembered_links,  ///< Used django links that have expired by themselves.
  limits             ///< Limits of which nothing is used any more.
};

inline constexpr std::array pruned_records = {PrunedRecords::audit, PrunedRecords::outbox, PrunedRecords::changes,
                                              PrunedRecords::remembered_links, PrunedRecords::limits};

/// As the command line says it.
constexpr const char* name_of(PrunedRecords records) {
  switch (records) {
    case PrunedRecords::audit: break;
    case PrunedRecords::outbox: return "outbox";
    case PrunedRecords::changes: return "changes";
    case PrunedRecords::remembered_links: return "remembered_links";
    case PrunedRecords::limits: return "limits";
  }
  return "audit";
}

enum class PruneMode {
  delete_them,
  count_them  ///< Changes nothing.
};

/// What happened before these times is forgotten.
struct PruneBounds {
  UnixTime records_before;  ///< Audit and outbox.
  UnixTime changes_before;  ///< Change records: when last asked for, or settled. No link on them may hold any more.
  UnixTime now;
};

struct PruneProgress {
  std::int64_t looked_at = 0;
  std::int64_t rows = 0;     ///< As many as there were at the start.
  std::int64_t deleted = 0;  ///< Or, if they are only counted, to be deleted.
};

class Pruner {
 public:
  /// Told after each batch. What it does meanwhile keeps nobody waiting.
  using Tell = std::function<void(const PruneProgress&)>;
  virtual ~Pruner() = default;

  /// Deletes in small batches, each a transaction of its own: a running server waits no longer than for one of them. Stopped in
  /// the middle it has done a part, and goes on when it is run again.
  /// @return  How many rows. Fails like the AccountStore's methods.
  virtual Result<std::int64_t> prune(PrunedRecords records, const PruneBounds& bounds, PruneMode mode,
                                     const Tell& tell) = 0;
};

}  // namespace waxseal::server
