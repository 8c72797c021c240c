#pragma once
/// @file sqlite_audit.hpp
/// The audit in an SQLite file.

#include "adapters/sqlite/sqlite_database.hpp"
#include "ports/audit.hpp"

namespace waxseal::server {

/// Writes one entry in the transaction that is under way.
void record_audit(SqliteConnection& connection, const AuditEntry& entry);

class SqliteAuditTrail final : public AuditTrail {
 public:
  explicit SqliteAuditTrail(SqliteDatabase& database) : database_(database) {}
  Result<std::vector<AuditEntry>> list(const AuditSelection& selection, std::size_t most) override;

 private:
  SqliteDatabase& database_;
};

}  // namespace waxseal::server
