#pragma once
/// @file sqlite_outbox_admin.hpp
/// The outbox of a SQLite file as its operator sees it.

#include "adapters/sqlite/sqlite_database.hpp"
#include "ports/outbox_admin.hpp"

namespace waxseal::server {

class SqliteOutboxAdmin final : public OutboxAdmin {
 public:
  explicit SqliteOutboxAdmin(SqliteDatabase& database) : database_(database) {}

  Result<std::vector<OutboxRow>> list(const OutboxSelection& selection, std::size_t most, UnixTime now) override;
  Result<int> retry(const OutboxSelection& selection, UnixTime now) override;
  Result<int> purge(const OutboxSelection& selection, UnixTime now) override;
  Result<OutboxDepth> depth(OutboxQueue queue) override;

 private:
  SqliteDatabase& database_;
};

}  // namespace waxseal::server
