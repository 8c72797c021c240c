#pragma once
/// @file adopted_postgres.hpp
/// A store on tables that another program made in PostgreSQL: those of Django and Django REST Framework.

#include "adopted_storage.hpp"
#include "postgres_storage.hpp"

namespace waxseal::test {

/// The tables as `manage.py migrate` makes them, with another type of id where a site has its own user model.
inline std::string django_postgres_schema(const std::string& id_type) {
  return R"(
    CREATE TABLE "auth_user" ("id" )" +
         id_type + R"( NOT NULL PRIMARY KEY, "password" varchar(128) NOT NULL, "last_login" timestamptz NULL,
      "is_superuser" boolean NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "first_name" varchar(150) NOT NULL,
      "last_name" varchar(150) NOT NULL, "email" varchar(254) NOT NULL, "is_staff" boolean NOT NULL,
      "is_active" boolean NOT NULL, "date_joined" timestamptz NOT NULL);
    CREATE TABLE "authtoken_token" ("key" varchar(40) NOT NULL PRIMARY KEY, "created" timestamptz NOT NULL,
      "user_id" )" +
         id_type + R"( NOT NULL UNIQUE REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED))";
}

/// Adds accounts as Django would: it asks nobody of ours, and addresses are not unique.
class DjangoPostgresAdmin final : public AccountAdmin {
 public:
  explicit DjangoPostgresAdmin(server::PostgresDatabase& database) : database_(database) {}

  Result<void> add_account(const server::NewAccount& account) override {
    const auto quoted = [](const std::string& text) { return "'" + text + "'"; };  // of tests: no quotes within
    execute(database_, "INSERT INTO auth_user VALUES (" + quoted(account.id) + ", 'pbkdf2', NULL, false, " +
                           quoted("name of " + account.id) + ", 'First', 'Last', " + quoted(account.email) +
                           ", false, " + (account.active ? "true" : "false") + ", '2026-01-01')");
    return {};
  }
  Result<void> add_token(std::string_view, const server::TokenHash&, UnixTime) override {
    return fail(ErrorCode::internal, "Django makes tokens by their text");
  }

 private:
  server::PostgresDatabase& database_;
};

/// @tparam Ids  `Ids::type` is the declared type of the id column.
template <typename Ids>
struct AdoptedPostgresStorage : PostgresSchema {
  AdoptedPostgresStorage() {
    execute(database, django_postgres_schema(Ids::type));
    must(server::migrate_postgres(database, django_tables()));
    must(store.reconcile_claims("canonical", canonical_key));
  }
  AccountStore& accounts() { return store; }
  AccountAdmin& admin() { return django; }
  Outbox& outbox() { return mails; }
  AuditTrail& audit() { return trail; }

  /// See `is_taken` of storages.hpp: here only an account that wants the address can tell.
  bool is_taken(const std::string& email_key) {
    must(django.add_account({"900000", "probe@probe.example", std::nullopt, true}));
    const bool taken =
        must(store.apply(change_to("900000", "probe@probe.example", email_key))) != server::ApplyResult::applied;
    execute(database,
            "DELETE FROM auth_user WHERE id::text = '900000'; "
            "DELETE FROM waxseal_email_claim WHERE account_id = '900000'");
    return taken;
  }

  static constexpr const char* configured_credential = "pbkdf2";
  server::PostgresStore store{database, django_tables()};
  server::PostgresOutbox mails{database};
  server::PostgresAuditTrail trail{database};
  DjangoPostgresAdmin django{database};
};

struct PostgresUuids {
  static constexpr const char* type = "uuid";
};
using PostgresIntegerStorage = AdoptedPostgresStorage<IntegerIds>;
using PostgresTextStorage = AdoptedPostgresStorage<TextIds>;
using PostgresUuidStorage = AdoptedPostgresStorage<PostgresUuids>;

}  // namespace waxseal::test
