#include "adapters/postgres/postgres_audit.hpp"

#include "ports/stored_names.hpp"

namespace waxseal::server {
namespace {

AuditEntry entry_of(const pqxx::row& row) {
  AuditEntry entry;
  entry.at = from_unix_s(row[0].as<std::int64_t>());
  entry.event = audit_event_named(row[1].c_str());
  entry.account_id = row[2].c_str();
  entry.version = static_cast<LinkVersion>(row[3].as<std::int64_t>());
  entry.old_email = row[4].c_str();
  entry.new_email = row[5].c_str();
  entry.origin.key_id = row[6].c_str();
  entry.origin.client = IpAddress::parse(row[7].c_str());
  return entry;
}

}  // namespace

void record_audit(PostgresTransaction& transaction, const AuditEntry& entry) {
  const auto& client = entry.origin.client;
  transaction.write(R"(
    INSERT INTO waxseal_audit (at, event, account_id, link_version, old_email, new_email, key_id, client_address)
    VALUES ($1, $2, $3, $4, $5, $6, nullif($7, ''), $8))",
                    entry.at, name_of(entry.event), entry.account_id, entry.version, entry.old_email, entry.new_email,
                    entry.origin.key_id, client ? std::optional{client->text()} : std::nullopt);
}

Result<std::vector<AuditEntry>> PostgresAuditTrail::list(const AuditSelection& selection, std::size_t most) {
  return database_.read([&](PostgresTransaction& transaction) -> Result<std::vector<AuditEntry>> {
    // Letter case of ASCII alone, as every store compares: the collation "C" knows no other.
    const pqxx::result found =
        transaction.run(R"(
      SELECT at, event, account_id, link_version, old_email, new_email, coalesce(key_id, ''), coalesce(client_address, '')
        FROM waxseal_audit
       WHERE ($1::text IS NULL OR account_id = $1::text)
         AND ($2::text IS NULL OR lower(old_email) = lower($2::text COLLATE "C")
              OR lower(new_email) = lower($2::text COLLATE "C"))
         AND ($3::bigint IS NULL OR at >= $3::bigint) AND ($4::bigint IS NULL OR at < $4::bigint)
       ORDER BY id DESC LIMIT $5)",
                        selection.account_id, selection.address, selection.since, selection.before, most);
    std::vector<AuditEntry> entries;
    for (const pqxx::row& row : found) entries.push_back(entry_of(row));
    return std::vector<AuditEntry>{entries.rbegin(), entries.rend()};
  });
}

}  // namespace waxseal::server
