#pragma once
/// @file postgres_outbox_admin.hpp
/// The outbox of a PostgreSQL database as its operator sees it.

#include "adapters/postgres/postgres_database.hpp"
#include "ports/outbox_admin.hpp"

namespace waxseal::server {

class PostgresOutboxAdmin final : public OutboxAdmin {
 public:
  explicit PostgresOutboxAdmin(PostgresDatabase& database) : database_(database) {}

  Result<std::vector<OutboxRow>> list(const OutboxSelection& selection, std::size_t most, UnixTime now) override;
  Result<int> retry(const OutboxSelection& selection, UnixTime now) override;
  Result<int> purge(const OutboxSelection& selection, UnixTime now) override;
  Result<OutboxDepth> depth(OutboxQueue queue) override;

 private:
  PostgresDatabase& database_;
};

}  // namespace waxseal::server
