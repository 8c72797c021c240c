#pragma once
/// @file adopted_storage.hpp
/// A store on tables that another program made: those of Django and Django REST Framework.

#include <waxseal/email_address.hpp>

#include "storages.hpp"

namespace waxseal::test {

/// What a Django site configures.
inline server::AccountTables django_tables() {
  return {"auth_user", "id", "email", "is_active", "password", "authtoken_token"};
}

inline const server::UniquenessKeyOf canonical_key = [](std::string_view email) { return canonical_email(email, {}); };

inline void execute(server::SqliteDatabase& database, const std::string& sql) {
  database.run([&](server::SqliteConnection& connection) -> Result<int> { return connection.database().exec(sql); })
      .value();
}

/// The tables as `manage.py migrate` makes them, with another type of id where a site has its own user model.
inline std::string django_schema(const std::string& id_type) {
  return R"(
    CREATE TABLE "auth_user" ("id" )" +
         id_type + R"( NOT NULL PRIMARY KEY, "password" varchar(128) NOT NULL, "last_login" datetime NULL,
      "is_superuser" bool NOT NULL, "username" varchar(150) NOT NULL UNIQUE, "last_name" varchar(150) NOT NULL,
      "email" varchar(254) NOT NULL, "is_staff" bool NOT NULL, "is_active" bool NOT NULL,
      "date_joined" datetime NOT NULL, "first_name" varchar(150) NOT NULL);
    CREATE TABLE "authtoken_token" ("key" varchar(40) NOT NULL PRIMARY KEY, "created" datetime NOT NULL,
      "user_id" )" +
         id_type + R"( NOT NULL UNIQUE REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED))";
}

/// Adds accounts as Django would: it asks nobody of ours, and addresses are not unique.
class DjangoAdmin final : public AccountAdmin {
 public:
  explicit DjangoAdmin(server::SqliteDatabase& database) : database_(database) {}

  Result<void> add_account(const server::NewAccount& account) override {
    return database_.run([&](server::SqliteConnection& connection) -> Result<void> {
      SQLite::Statement insert{connection.database(), R"(
        INSERT INTO auth_user VALUES (?1, 'pbkdf2', NULL, 0, 'name of ' || ?1, 'Last', ?2, 0, ?3, '2026-01-01', 'First'))"};
      insert.bind(1, account.id);
      insert.bind(2, account.email);
      insert.bind(3, account.active ? 1 : 0);
      insert.exec();
      return {};
    });
  }
  Result<void> add_token(std::string_view, const server::TokenHash&, UnixTime) override {
    return fail(ErrorCode::internal, "Django makes tokens by their text");
  }

 private:
  server::SqliteDatabase& database_;
};

/// @tparam Ids  `Ids::type` is the declared type of the id column.
template <typename Ids>
struct AdoptedStorage {
  AdoptedStorage() {
    execute(database, django_schema(Ids::type));
    must(server::migrate_sqlite(database, django_tables()));
    must(store.reconcile_claims("canonical", canonical_key));
  }
  AccountStore& accounts() { return store; }
  AccountAdmin& admin() { return django; }
  Outbox& outbox() { return mails; }
  AuditTrail& audit() { return trail; }
  std::filesystem::path file() const { return folder / "db.sqlite3"; }
  std::string dump() const { return dump_sqlite(file()); }

  /// See `is_taken` of storages.hpp: here only an account that wants the address can tell.
  bool is_taken(const std::string& email_key) {
    must(django.add_account({"900000", "probe@probe.example", std::nullopt, true}));
    const bool taken =
        must(store.apply(change_to("900000", "probe@probe.example", email_key))) != server::ApplyResult::applied;
    execute(database,
            "DELETE FROM auth_user WHERE id = '900000'; "
            "DELETE FROM waxseal_email_claim WHERE account_id = '900000'");
    return taken;
  }

  static constexpr const char* configured_credential = "pbkdf2";
  TempFolder folder;
  server::SqliteDatabase database{file().string(), 4};
  server::SqliteStore store{database, django_tables()};
  server::SqliteOutbox mails{database};
  server::SqliteAuditTrail trail{database};
  DjangoAdmin django{database};
};

struct IntegerIds {
  static constexpr const char* type = "integer";
};
struct BigIntegerIds {
  static constexpr const char* type = "bigint";
};
struct TextIds {
  static constexpr const char* type = "varchar(64)";
};
struct UuidIds {
  static constexpr const char* type = "char(32)";
};
using IntegerStorage = AdoptedStorage<IntegerIds>;
using TextStorage = AdoptedStorage<TextIds>;
using UuidStorage = AdoptedStorage<UuidIds>;

}  // namespace waxseal::test
