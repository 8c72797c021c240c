// Tables of Django in PostgreSQL: who is who, what is refused, and what other writers do meanwhile.

#include "adapters/postgres/postgres_adopted_schema.hpp"

#include "adopted_postgres.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// All problems, as "key: message" lines.
std::string problems_with(PostgresSchema& schema, const AccountTables& tables) {
  std::string all;
  const auto found =
      schema.database.read([&](PostgresTransaction& transaction) -> Result<std::vector<AdoptionProblem>> {
        return find_adoption_problems(transaction, tables);
      });
  for (const AdoptionProblem& problem : must(found)) all += problem.key + ": " + problem.message + "\n";
  return all;
}

template <typename Storage>
bool finds(Storage& storage, const std::string& id) {
  return must(storage.accounts().find_account(id)).has_value();
}

}  // namespace

TEST_CASE("An id of an adopted PostgreSQL table has one spelling, and no text is an error", "[postgres][adopted]") {
  PostgresIntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  CHECK(finds(storage, "1"));
  for (const char* other : {"01", " 1", "1 ", "+1", "1.0", "", "x", "-", "9999999999999999999", "99999999999999999999",
                            "9223372036854775807", "-9223372036854775809", "1\n", "\xd9\xa1"}) {
    INFO(other);
    CHECK_FALSE(finds(storage, other));
  }
}

TEST_CASE("A UUID of an adopted PostgreSQL table is found as it is written, and changed", "[postgres][adopted]") {
  PostgresUuidStorage storage;
  const std::string id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
  add_account(storage, id, "a@x.example");
  CHECK(finds(storage, id));
  for (const char* other : {"6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b8109dad11d180b400c04fd430c8", "x"}) {
    CHECK_FALSE(finds(storage, other));
  }
  const LinkVersion version = must(storage.accounts().request_change(request_for(id, "b@x.example")));
  CHECK(must(storage.accounts().apply(change_to(id, "a@x.example", "b@x.example", version))) == ApplyResult::applied);
}

TEST_CASE("A token of Django REST Framework in PostgreSQL signs in by its text alone", "[postgres][adopted]") {
  PostgresIntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  execute(storage.database, "INSERT INTO authtoken_token VALUES ('key-of-ada', '2026-01-01', 1)");
  CHECK(must(storage.accounts().find_account_by_token("key-of-ada")).value().id == "1");
  for (const std::string& other :
       {std::string{"KEY-OF-ADA"}, std::string{"key-of-ada "}, std::string{"key\xff"}, std::string{}}) {
    CHECK_FALSE(must(storage.accounts().find_account_by_token(other)));
  }
}

TEST_CASE("Of an adopted PostgreSQL table nothing but the address is written", "[postgres][adopted]") {
  PostgresIntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  const auto row = [&] {
    return must(storage.database.read([](PostgresTransaction& transaction) -> Result<std::string> {
      return std::string{transaction.run("SELECT (to_jsonb(u) - 'email')::text FROM auth_user AS u")[0][0].c_str()};
    }));
  };
  const std::string before = row();
  REQUIRE(must(storage.accounts().apply(change_to("1", "a@x.example", "b@x.example"))) == ApplyResult::applied);
  CHECK(row() == before);
  CHECK_FALSE(storage.store.add_account({"2", "c@x.example", "c@x.example", true}));
}

TEST_CASE("A change in PostgreSQL is stale once Django changed the password or the mark", "[postgres][adopted]") {
  for (const char* other_write : {"password = 'new'", "is_active = false", "email = 'else@x.example'"}) {
    PostgresIntegerStorage storage;
    add_account(storage, "1", "a@x.example");
    ChangeToApply change = change_to("1", "a@x.example", "b@x.example");
    change.credential = "pbkdf2";
    change.require_active = RequireActive::yes;
    execute(storage.database, std::string{"UPDATE auth_user SET "} + other_write);
    const std::string before = storage.dump();
    CHECK(must(storage.accounts().apply(change)) == ApplyResult::stale);
    CHECK(storage.dump() == before);
  }
}

TEST_CASE("A unique index of an adopted PostgreSQL table is believed", "[postgres][adopted]") {
  PostgresIntegerStorage storage;
  execute(storage.database, "CREATE UNIQUE INDEX ON auth_user (lower(email))");
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "B@x.example");  // Django gave it: there is no claim yet
  const std::string before = storage.dump();
  CHECK(must(storage.accounts().apply(change_to("1", "a@x.example", "b@x.example"))) == ApplyResult::email_taken);
  CHECK(storage.dump() == before);
}

TEST_CASE("Claims in PostgreSQL follow what Django wrote, at the next start of a node", "[postgres][adopted]") {
  PostgresIntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "Two@x.example");
  PostgresStore next{storage.database, django_tables()};
  must(next.reconcile_claims("canonical", canonical_key));
  ChangeToApply change = change_to("1", "a@x.example", "two@x.example");
  CHECK(must(next.apply(change)) == ApplyResult::email_taken);
  execute(storage.database, "UPDATE auth_user SET email = 'else@x.example' WHERE id = 2");
  CHECK(must(next.apply(change)) == ApplyResult::applied);

  execute(storage.database, "UPDATE auth_user SET email = 'TWO@x.example' WHERE id = 2");
  PostgresStore third{storage.database, django_tables()};
  const auto shared = third.reconcile_claims("canonical", canonical_key);
  REQUIRE_FALSE(shared);
  CHECK(shared.error().code == ErrorCode::email_already_registered);
  CHECK(shared.error().log_detail.find("the accounts 1 and 2") != std::string::npos);
}

TEST_CASE("A node that starts beside others takes no lock while the claims in PostgreSQL are in order",
          "[postgres][adopted]") {
  PostgresIntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  must(storage.store.reconcile_claims("canonical", canonical_key));
  must(storage.database.write(InDoubt::fail, [&](PostgresTransaction& transaction) -> Result<void> {
    transaction.script("LOCK TABLE waxseal_email_claim IN ROW EXCLUSIVE MODE");
    PostgresDatabase beside{postgres_url_of(storage.url), 1};
    return PostgresStore{beside, django_tables()}.reconcile_claims("canonical", canonical_key);
  }));
}

TEST_CASE("Everything that is wrong with PostgreSQL tables is said at once, each with its key", "[postgres][adopted]") {
  PostgresSchema schema;
  execute(schema.database, R"(
    CREATE TABLE auth_user (id numeric, email bytea, is_active text, name text);
    CREATE TABLE others (id int PRIMARY KEY);
    CREATE TABLE authtoken_token (key text, user_id int REFERENCES others);
    CREATE VIEW seen AS SELECT 1 AS id)");
  const std::string all = problems_with(schema, django_tables());
  for (const char* line : {"users.id_column: id of auth_user is declared numeric", "users.id_column: id is not unique",
                           "users.email_column: email of auth_user is declared bytea",
                           "users.active_column: is_active of auth_user is declared text",
                           "users.credential_column: the table auth_user has no column password",
                           "auth.token_table: key is not unique in authtoken_token",
                           "auth.token_table: user_id of authtoken_token refers to others, not to auth_user"}) {
    INFO(all);
    CHECK(all.find(line) != std::string::npos);
  }
  AccountTables view = django_tables();
  view.accounts = "seen";
  CHECK(problems_with(schema, view).find("users.table: seen is a view") != std::string::npos);
  view.accounts = "nowhere";
  CHECK(problems_with(schema, view).find("users.table: the database has no table nowhere") != std::string::npos);
}

TEST_CASE("Names that need quotes are only names in PostgreSQL", "[postgres][adopted]") {
  PostgresSchema schema;
  execute(schema.database, R"(CREATE TABLE "My ""Users" ("I d" int PRIMARY KEY, "e'mail" text, "on?" int);
    INSERT INTO "My ""Users" VALUES (1, 'a@x.example', 1), (2, 'b@x.example', 0))");
  const AccountTables tables{"My \"Users", "I d", "e'mail", "on?", "", ""};
  must(migrate_postgres(schema.database, tables));
  PostgresStore store{schema.database, tables};
  CHECK(must(store.find_account("1")).value().active);
  CHECK_FALSE(must(store.find_account("2")).value().active);
  CHECK(must(store.apply(change_to("1", "a@x.example", "c@x.example"))) == ApplyResult::applied);
}
