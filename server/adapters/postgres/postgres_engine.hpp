#pragma once
/// @file postgres_engine.hpp
/// One PostgreSQL database, as everything that is kept.

#include "adapters/postgres/postgres_audit.hpp"
#include "adapters/postgres/postgres_outbox_admin.hpp"
#include "adapters/postgres/postgres_pruner.hpp"
#include "adapters/postgres/postgres_store.hpp"
#include "ports/storage_engine.hpp"

namespace waxseal::server {

class PostgresEngine final : public StorageEngine {
 public:
  /// @param connections  See PostgresDatabase.
  PostgresEngine(PostgresUrl url, std::size_t connections, AccountTables tables)
      : tables_(std::move(tables)), database_(std::move(url), connections) {}

  AccountStore& accounts() override { return store_; }
  AccountAdmin& account_admin() override { return store_; }
  Outbox& outbox() override { return outbox_; }
  OutboxAdmin& outbox_admin() override { return outbox_admin_; }
  AuditTrail& audit_trail() override { return audit_trail_; }
  Pruner& pruner() override { return pruner_; }
  PoolUse connections() override { return database_.connections(); }
  Result<std::vector<std::string>> migrate() override;
  Result<void> reconcile_claims(const std::string& basis, const UniquenessKeyOf& key_of) override {
    return store_.reconcile_claims(basis, key_of);
  }
  std::vector<StorageProblem> look() override;

 private:
  AccountTables tables_;
  PostgresDatabase database_;
  PostgresStore store_{database_, tables_};
  PostgresOutbox outbox_{database_};
  PostgresOutboxAdmin outbox_admin_{database_};
  PostgresAuditTrail audit_trail_{database_};
  PostgresPruner pruner_{database_};
};

}  // namespace waxseal::server
