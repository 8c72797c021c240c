#pragma once
/// @file postgres_audit.hpp
/// The audit in a PostgreSQL database.

#include "adapters/postgres/postgres_database.hpp"
#include "ports/audit.hpp"

namespace waxseal::server {

/// Writes one entry in the transaction that is under way.
void record_audit(PostgresTransaction& transaction, const AuditEntry& entry);

class PostgresAuditTrail final : public AuditTrail {
 public:
  explicit PostgresAuditTrail(PostgresDatabase& database) : database_(database) {}
  Result<std::vector<AuditEntry>> list(const AuditSelection& selection, std::size_t most) override;

 private:
  PostgresDatabase& database_;
};

}  // namespace waxseal::server
