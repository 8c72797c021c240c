// What is said at start of adopted tables that are not as configured, and what is made beside them.

#include "adopted_storage.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using Names = std::vector<std::string>;

namespace {

/// Django's tables in a new file.
struct DjangoFile {
  DjangoFile() { execute(database, django_schema("integer")); }
  std::string refusal(const SqliteTables& tables) {
    const auto ready = SqliteStore{database, tables}.check_ready();
    return ready ? "" : ready.error().log_detail;
  }
  TempFolder folder;
  SqliteDatabase database{(folder / "db.sqlite3").string(), 1};
};

SqliteTables with(std::string SqliteTables::*member, const std::string& name) {
  SqliteTables tables = django_tables();
  tables.*member = name;
  return tables;
}

}  // namespace

TEST_CASE_METHOD(DjangoFile, "Beside adopted tables only the links' tables are made and wanted", "[adopted]") {
  CHECK(refusal(django_tables()).find("`waxseal migrate`") != std::string::npos);
  CHECK(migrate_sqlite(database, django_tables()) ==
        Names{"links/0001_initial", "links/0002_outbox_kinds", "links/0004_one_notice_a_version"});
  CHECK(refusal(django_tables()).empty());
  CHECK(migrate_sqlite(database, django_tables()) == Names{});
  CHECK(dump_sqlite(folder / "db.sqlite3").find("waxseal_account\n") == std::string::npos);
}

TEST_CASE_METHOD(DjangoFile, "A name that the database does not have is said with its key", "[adopted]") {
  must(migrate_sqlite(database, django_tables()));
  CHECK(refusal(with(&SqliteTables::accounts, "users")) == "users.table: the database has no table users");
  CHECK(refusal(with(&SqliteTables::id, "uuid")) == "users.id_column: the table auth_user has no column uuid");
  CHECK(refusal(with(&SqliteTables::email, "mail")) == "users.email_column: the table auth_user has no column mail");
  CHECK(refusal(with(&SqliteTables::active, "on")) == "users.active_column: the table auth_user has no column on");
  CHECK(refusal(with(&SqliteTables::credential, "hash")) ==
        "users.credential_column: the table auth_user has no column hash");
  CHECK(refusal(with(&SqliteTables::tokens, "tokens")) == "auth.token_table: the database has no table tokens");
  CHECK(refusal(with(&SqliteTables::tokens, "auth_user")) == "auth.token_table: the table auth_user has no column key");
  CHECK(refusal(with(&SqliteTables::accounts, "AUTH_USER")).empty());
}

TEST_CASE_METHOD(DjangoFile, "An id column whose values may repeat is refused", "[adopted]") {
  must(migrate_sqlite(database, django_tables()));
  const SqliteTables tables = with(&SqliteTables::id, "last_name");
  const std::string words = "users.id_column: last_name is not unique in auth_user";
  CHECK(refusal(tables).find(words) == 0);
  execute(database, "CREATE UNIQUE INDEX both ON auth_user (last_name, first_name)");
  execute(database, "CREATE UNIQUE INDEX some ON auth_user (last_name) WHERE is_active");
  execute(database, "CREATE INDEX plain ON auth_user (last_name)");
  CHECK(refusal(tables).find(words) == 0);
  execute(database, "CREATE UNIQUE INDEX good ON auth_user (last_name)");
  CHECK(refusal(tables).empty());
  CHECK(refusal(with(&SqliteTables::id, "username")).empty());
}

TEST_CASE_METHOD(DjangoFile, "One column of a key of several is not unique", "[adopted]") {
  execute(database, "CREATE TABLE member (id TEXT, site TEXT, email TEXT, PRIMARY KEY (id, site))");
  must(migrate_sqlite(database, django_tables()));
  CHECK(refusal({"member", "id", "email", "", "", ""}).find("users.id_column: id is not unique in member") == 0);
}

TEST_CASE_METHOD(DjangoFile, "An id of bytes is refused", "[adopted]") {
  execute(database, "CREATE TABLE member (id BLOB PRIMARY KEY, email TEXT)");
  must(migrate_sqlite(database, django_tables()));
  CHECK(refusal({"member", "id", "email", "", "", ""}).find("users.id_column: id of member holds bytes") == 0);
}

TEST_CASE_METHOD(DjangoFile, "Nothing is made in a database without the adopted table", "[adopted]") {
  const std::string before = dump_sqlite(folder / "db.sqlite3");
  const auto refused = migrate_sqlite(database, with(&SqliteTables::accounts, "users"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().log_detail == "users.table: the database has no table users");
  CHECK(dump_sqlite(folder / "db.sqlite3") == before);
}

TEST_CASE_METHOD(DjangoFile, "A store whose adopted table is not there yet answers once it is", "[adopted]") {
  SqliteStore store{database, {"later", "id", "email", "", "", ""}};
  CHECK(store.find_account("1").error().log_detail == "users.table: the database has no table later");
  execute(database,
          "CREATE TABLE later (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO later VALUES (1, 'a@x.example')");
  CHECK(store.find_account("1").value().value().email == "a@x.example");
}
