#include "adapters/sqlite/sqlite_audit.hpp"

#include "adapters/sqlite/bind.hpp"
#include "ports/stored_names.hpp"

namespace waxseal::server {
namespace {

AuditEntry entry_of(SQLite::Statement& row) {
  AuditEntry entry;
  entry.at = from_unix_s(row.getColumn(0).getInt64());
  entry.event = audit_event_named(row.getColumn(1).getString());
  entry.account_id = row.getColumn(2).getString();
  entry.version = static_cast<LinkVersion>(row.getColumn(3).getInt64());
  entry.old_email = row.getColumn(4).getString();
  entry.new_email = row.getColumn(5).getString();
  entry.origin.key_id = row.getColumn(6).getString();
  entry.origin.client = IpAddress::parse(row.getColumn(7).getString());
  return entry;
}

}  // namespace

void record_audit(SqliteConnection& connection, const AuditEntry& entry) {
  const auto& client = entry.origin.client;
  bind_all(connection.prepare(R"(
    INSERT INTO waxseal_audit (at, event, account_id, link_version, old_email, new_email, key_id, client_address)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, ''), ?8))"),
           entry.at, name_of(entry.event), entry.account_id, entry.version, entry.old_email, entry.new_email,
           entry.origin.key_id, client ? std::optional{client->text()} : std::nullopt)
      .exec();
}

Result<std::vector<AuditEntry>> SqliteAuditTrail::list(const AuditSelection& selection, std::size_t most) {
  return database_.run([&](SqliteConnection& connection) -> Result<std::vector<AuditEntry>> {
    // An account's entries by its index; addresses and times are looked for in all of them.
    const std::string sql = std::string{R"(
      SELECT at, event, account_id, link_version, old_email, new_email, coalesce(key_id, ''), coalesce(client_address, '')
        FROM waxseal_audit
       WHERE (?2 IS NULL OR lower(old_email) = lower(?2) OR lower(new_email) = lower(?2))
         AND (?3 IS NULL OR at >= ?3) AND (?4 IS NULL OR at < ?4))"} +
                            (selection.account_id ? " AND account_id = ?1" : " AND ?1 IS NULL") +
                            " ORDER BY id DESC LIMIT ?5";
    SQLite::Statement& select = bind_all(connection.prepare(sql), selection.account_id, selection.address,
                                         selection.since, selection.before, static_cast<std::int64_t>(most));
    std::vector<AuditEntry> entries;
    while (select.executeStep()) entries.push_back(entry_of(select));
    return std::vector<AuditEntry>{entries.rbegin(), entries.rend()};
  });
}

}  // namespace waxseal::server
