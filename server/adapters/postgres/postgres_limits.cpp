#include "adapters/postgres/postgres_limits.hpp"

#include <map>

namespace waxseal::server {
namespace {

using Levels = std::map<std::string, LimitLevel>;  // by subject, in PostgreSQL's spelling

/// The levels of all subjects, each row locked; one that is new is made, as unused.
Levels lock_levels(PostgresTransaction& transaction, const std::vector<ByteArray<32>>& subjects, UnixTime now) {
  const pqxx::result rows = transaction.run(R"(
    INSERT INTO waxseal_limit AS kept (subject, used_till_us)
    SELECT DISTINCT subject, $2::bigint FROM unnest($1::bytea[]) AS subject ORDER BY subject
    ON CONFLICT (subject) DO UPDATE SET used_till_us = kept.used_till_us
    RETURNING subject, used_till_us)",
                                            subjects, limit_level_of(now));
  Levels levels;
  for (const pqxx::row& row : rows) levels.emplace(row[0].c_str(), row[1].as<LimitLevel>());
  return levels;
}

}  // namespace

std::optional<LimitReached> charge_limits(PostgresTransaction& transaction, const std::vector<LimitCharge>& charges,
                                          UnixTime now) {
  if (charges.empty()) return std::nullopt;
  std::vector<ByteArray<32>> subjects;
  for (const LimitCharge& charge : charges) subjects.push_back(charge.subject);
  const Levels kept = lock_levels(transaction, subjects, now);

  std::optional<LimitReached> reached;
  std::vector<LimitLevel> levels;
  for (const LimitCharge& charge : charges) {
    const LimitUse use = use_limit(kept.at(*value_of(charge.subject).text), charge.rate, now);
    keep_longer(reached, charge, use);
    levels.push_back(use.level);
  }
  if (reached) return reached;
  transaction.write(R"(
    UPDATE waxseal_limit SET used_till_us = used.level
      FROM (SELECT unnest($1::bytea[]) AS subject, unnest($2::bigint[]) AS level) AS used
     WHERE waxseal_limit.subject = used.subject)",
                    subjects, levels);
  // Those that another request holds are left to the next one: nobody waits in order to forget.
  transaction.write(R"(
    DELETE FROM waxseal_limit WHERE subject IN (
      SELECT subject FROM waxseal_limit WHERE used_till_us <= $1 ORDER BY used_till_us LIMIT 100
         FOR UPDATE SKIP LOCKED))",
                    limit_level_of(now));
  return std::nullopt;
}

}  // namespace waxseal::server
