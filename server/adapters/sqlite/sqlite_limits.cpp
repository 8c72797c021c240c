#include "adapters/sqlite/sqlite_limits.hpp"

#include "adapters/sqlite/bind.hpp"

namespace waxseal::server {
namespace {

std::optional<LimitLevel> level_of(SqliteConnection& connection, const LimitCharge& charge) {
  SQLite::Statement& select =
      bind_all(connection.prepare("SELECT used_till_us FROM waxseal_limit WHERE subject = ?1"), charge.subject);
  return select.executeStep() ? std::optional<LimitLevel>{select.getColumn(0).getInt64()} : std::nullopt;
}

}  // namespace

std::optional<LimitReached> charge_limits(SqliteConnection& connection, const std::vector<LimitCharge>& charges,
                                          UnixTime now) {
  if (charges.empty()) return std::nullopt;
  std::optional<LimitReached> reached;
  std::vector<LimitLevel> levels;
  for (const LimitCharge& charge : charges) {
    const LimitUse use = use_limit(level_of(connection, charge), charge.rate, now);
    keep_longer(reached, charge, use);
    levels.push_back(use.level);
  }
  if (reached) return reached;
  for (std::size_t i = 0; i < charges.size(); ++i) {
    bind_all(connection.prepare("INSERT OR REPLACE INTO waxseal_limit (subject, used_till_us) VALUES (?1, ?2)"),
             charges[i].subject, levels[i])
        .exec();
  }
  bind_all(connection.prepare("DELETE FROM waxseal_limit WHERE used_till_us <= ?1"), limit_level_of(now)).exec();
  return std::nullopt;
}

}  // namespace waxseal::server
