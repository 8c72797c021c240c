#pragma once
/// @file storage_engine.hpp
/// Everything that is kept, in one place that `storage.url` names. Opened when it is first used, so that a command pays for what
/// it needs.

#include <string>
#include <vector>

#include "ports/account_admin.hpp"
#include "ports/account_store.hpp"
#include "ports/account_tables.hpp"
#include "ports/audit.hpp"
#include "ports/metrics.hpp"
#include "ports/outbox.hpp"
#include "ports/outbox_admin.hpp"
#include "ports/pruner.hpp"

namespace waxseal::server {

/// What stands in the way of serving from a storage.
struct StorageProblem {
  enum class Weight {
    step_to_come,  ///< Setting it up is not finished.
    mistake
  };
  Weight weight;
  std::string key;  ///< Of the configuration.
  std::string message;
};

/// What the adopted tables and the steps of the schema that are missing amount to. @param place  The storage, for people.
inline std::vector<StorageProblem> problems_of(const Result<std::vector<AdoptionProblem>>& adoption,
                                               const Result<std::vector<std::string>>& missing_steps,
                                               const std::string& place) {
  using Weight = StorageProblem::Weight;
  const std::string key = "storage.url";
  std::vector<StorageProblem> problems;
  if (adoption) {
    for (const AdoptionProblem& problem : *adoption)
      problems.push_back({Weight::mistake, problem.key, problem.message});
  }
  if (!missing_steps) {
    const std::string& detail = missing_steps.error().log_detail;  // names the key itself
    const std::string named = key + ": ";
    problems.push_back({Weight::mistake, key, detail.rfind(named, 0) == 0 ? detail.substr(named.size()) : detail});
  } else if (!missing_steps->empty()) {
    problems.push_back(
        {Weight::step_to_come, key, place + " lacks " + missing_steps->front() + ": run `waxseal migrate`"});
  }
  return problems;
}

class StorageEngine {
 public:
  virtual ~StorageEngine() = default;

  virtual AccountStore& accounts() = 0;
  virtual AccountAdmin& account_admin() = 0;
  virtual Outbox& outbox() = 0;
  virtual OutboxAdmin& outbox_admin() = 0;
  virtual AuditTrail& audit_trail() = 0;
  virtual Pruner& pruner() = 0;

  /// How much of it is in use. Any thread.
  virtual PoolUse connections() = 0;

  /// Brings the schema up to this program's. Safe to run again, and by several processes at once.
  /// @return  The names of the steps applied now.
  /// Fails with:  ErrorCode::internal, ErrorCode::unavailable
  virtual Result<std::vector<std::string>> migrate() = 0;

  /// Makes the uniqueness claims fit the configuration. Needs the schema. Call it before the stores are shared between threads.
  /// @param basis  'none', 'exact' or 'canonical'.
  /// Fails with:  ErrorCode::email_already_registered  two accounts hold one address; log_detail names their ids
  ///              ErrorCode::internal  an adopted account with an address has no id
  virtual Result<void> reconcile_claims(const std::string& basis, const UniquenessKeyOf& key_of) = 0;

  /// What `serve` would refuse. Makes and changes nothing: it may be another program's database.
  virtual std::vector<StorageProblem> look() = 0;
};

}  // namespace waxseal::server
