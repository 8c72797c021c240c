#pragma once
/// @file sqlite_engine.hpp
/// One SQLite file, as everything that is kept.

#include "adapters/sqlite/sqlite_audit.hpp"
#include "adapters/sqlite/sqlite_outbox_admin.hpp"
#include "adapters/sqlite/sqlite_pruner.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "ports/storage_engine.hpp"

namespace waxseal::server {

class SqliteEngine final : public StorageEngine {
 public:
  /// @param connections, most_waiting  See SqliteDatabase. @param tables  Adopted tables must be in a file that exists.
  SqliteEngine(std::string path, std::size_t connections, std::size_t most_waiting, AccountTables tables);

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
  SqliteDatabase database_;
  SqliteStore store_{database_, tables_};
  SqliteOutbox outbox_{database_};
  SqliteOutboxAdmin outbox_admin_{database_};
  SqliteAuditTrail audit_trail_{database_};
  SqlitePruner pruner_{database_};
};

}  // namespace waxseal::server
