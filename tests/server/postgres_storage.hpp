#pragma once
/// @file postgres_storage.hpp
/// Stores on PostgreSQL: our own tables, and Django's.

#include <pqxx/pqxx>
#include <waxseal/email_address.hpp>

#include "adapters/postgres/postgres_audit.hpp"
#include "adapters/postgres/postgres_migrations.hpp"
#include "adapters/postgres/postgres_store.hpp"
#include "storages.hpp"
#include "support/postgres_server.hpp"

namespace waxseal::test {

inline server::PostgresUrl postgres_url_of(const std::string& url) {
  auto parsed = server::PostgresUrl::parse(url);
  if (!parsed) throw std::runtime_error{parsed.error().log_detail};
  return std::move(*parsed);
}

inline void execute(server::PostgresDatabase& database, const std::string& sql) {
  must(database.write(server::InDoubt::fail, [&](server::PostgresTransaction& transaction) -> Result<void> {
    transaction.script(sql);
    transaction.keep();
    return {};
  }));
}

/// Every row of every table of the schema, as text.
inline std::string dump_postgres(const std::string& url) {
  pqxx::connection connection{url};
  pqxx::nontransaction questions{connection};
  std::ostringstream text;
  for (const auto& table :
       questions.exec("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema ORDER BY 1")) {
    text << table[0].c_str() << "\n";
    for (const auto& row :
         questions.exec(std::string{"SELECT * FROM "} + table[0].c_str() + " AS t ORDER BY t::text")) {
      for (const auto& field : row) text << "|" << field.c_str();
      text << "\n";
    }
  }
  return text.str();
}

/// A schema of its own, and this program's connections to it.
struct PostgresSchema {
  std::string dump() const { return dump_postgres(url); }

  std::string url = new_postgres_schema();
  server::PostgresDatabase database{postgres_url_of(url), 8};
};

struct PostgresStorage : PostgresSchema {
  PostgresStorage() { must(server::migrate_postgres(database)); }
  AccountStore& accounts() { return store; }
  AccountAdmin& admin() { return store; }
  Outbox& outbox() { return mails; }
  AuditTrail& audit() { return trail; }

  static constexpr const char* configured_credential = "";
  server::PostgresStore store{database};
  server::PostgresOutbox mails{database};
  server::PostgresAuditTrail trail{database};
};

}  // namespace waxseal::test
