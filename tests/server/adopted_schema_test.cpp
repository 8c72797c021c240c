// What is said at start of adopted tables that are not as configured, and what is made beside them.

#include "adapters/sqlite/sqlite_adopted_schema.hpp"

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
  std::string refusal(const AccountTables& tables) {
    const auto ready = SqliteStore{database, tables}.check_ready();
    return ready ? "" : ready.error().log_detail;
  }
  TempFolder folder;
  SqliteDatabase database{(folder / "db.sqlite3").string(), 1};
};

AccountTables with(std::string AccountTables::*member, const std::string& name) {
  AccountTables tables = django_tables();
  tables.*member = name;
  return tables;
}

}  // namespace

TEST_CASE_METHOD(DjangoFile, "Beside adopted tables only the links' tables are made and wanted", "[adopted]") {
  CHECK(refusal(django_tables()).find("`waxseal migrate`") != std::string::npos);
  CHECK(migrate_sqlite(database, django_tables()) == Names{"links/0001_initial", "links/0002_outbox_kinds",
                                                           "links/0003_limits", "links/0004_one_notice_a_version",
                                                           "links/0005_outbox_leases", "links/0006_audit"});
  CHECK(refusal(django_tables()).empty());
  CHECK(migrate_sqlite(database, django_tables()) == Names{});
  CHECK(dump_sqlite(folder / "db.sqlite3").find("waxseal_account\n") == std::string::npos);
}

TEST_CASE_METHOD(DjangoFile, "A name that the database does not have is said with its key", "[adopted]") {
  must(migrate_sqlite(database, django_tables()));
  CHECK(refusal(with(&AccountTables::accounts, "users")) == "users.table: the database has no table users");
  CHECK(refusal(with(&AccountTables::id, "uuid")) == "users.id_column: the table auth_user has no column uuid");
  CHECK(refusal(with(&AccountTables::email, "mail")) == "users.email_column: the table auth_user has no column mail");
  CHECK(refusal(with(&AccountTables::active, "on")) == "users.active_column: the table auth_user has no column on");
  CHECK(refusal(with(&AccountTables::credential, "hash")) ==
        "users.credential_column: the table auth_user has no column hash");
  CHECK(refusal(with(&AccountTables::tokens, "tokens")) == "auth.token_table: the database has no table tokens");
  CHECK(refusal(with(&AccountTables::tokens, "auth_user")) ==
        "auth.token_table: the table auth_user has no column key; "
        "auth.token_table: the table auth_user has no column user_id");
  CHECK(refusal(with(&AccountTables::accounts, "AUTH_USER")).empty());
}

TEST_CASE_METHOD(DjangoFile, "An id column whose values may repeat is refused", "[adopted]") {
  must(migrate_sqlite(database, django_tables()));
  const AccountTables tables = with(&AccountTables::id, "last_name");
  const std::string words = "users.id_column: last_name is not unique in auth_user";
  CHECK(refusal(tables).find(words) == 0);
  execute(database, "CREATE UNIQUE INDEX both ON auth_user (last_name, first_name)");
  execute(database, "CREATE UNIQUE INDEX some ON auth_user (last_name) WHERE is_active");
  execute(database, "CREATE INDEX plain ON auth_user (last_name)");
  CHECK(refusal(tables).find(words) == 0);
  execute(database, "CREATE UNIQUE INDEX good ON auth_user (last_name)");
  CHECK(refusal(tables).empty());
  CHECK(refusal(with(&AccountTables::id, "username")).empty());
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

TEST_CASE_METHOD(DjangoFile, "Everything that is wrong is said at once, each with its key", "[adopted]") {
  execute(database, R"(
    CREATE TABLE person (nr REAL, mail INTEGER, "on" TEXT);
    CREATE TABLE api_key ("key" BLOB, person_id INTEGER))");
  const auto problems =
      database
          .run([](SqliteConnection& connection) -> Result<std::vector<AdoptionProblem>> {
            return find_adoption_problems(connection, {"person", "nr", "mail", "on", "hash", "api_key"});
          })
          .value();
  std::string said;
  for (const AdoptionProblem& problem : problems) said += problem.key + ": " + problem.message + "\n";
  CHECK(
      said ==
      "users.id_column: nr is not unique in person: it must be the primary key or have a unique index\n"
      "users.email_column: mail of person is declared INTEGER: an address is a text\n"
      "users.active_column: on of person is declared TEXT: it must be a bool or a number, for SQLite takes 'true' for "
      "0\n"
      "users.credential_column: the table person has no column hash\n"
      "auth.token_table: key of api_key is declared BLOB: a token is a text\n"
      "auth.token_table: key is not unique in api_key: a token must be one account's\n"
      "auth.token_table: the table api_key has no column user_id\n");
  CHECK(refusal({"nobody", "id", "email", "", "", "nothing"}) ==
        "users.table: the database has no table nobody; auth.token_table: the database has no table nothing");
}

TEST_CASE_METHOD(DjangoFile, "A declared type that cannot hold what the column is for is refused", "[adopted]") {
  must(migrate_sqlite(database, django_tables()));
  const auto refusal_of = [&](const std::string& id, const std::string& email, const std::string& active) {
    execute(database, "DROP TABLE IF EXISTS person; CREATE TABLE person (id " + id + " PRIMARY KEY, email " + email +
                          ", active " + active + ")");
    return refusal({"person", "id", "email", "active", "", ""});
  };
  for (const char* id : {"integer", "bigint", "char(32)", "uuid", "varchar(64)", "text COLLATE NOCASE", ""}) {
    INFO(id);
    CHECK(refusal_of(id, "varchar(254)", "bool").empty());
  }
  CHECK(refusal_of("longblob", "text", "bool").find("users.id_column: ") == 0);
  for (const char* email : {"varchar(254)", "TEXT COLLATE NOCASE", "citext", "string", "email", ""}) {
    INFO(email);
    CHECK(refusal_of("integer", email, "bool").empty());
  }
  for (const char* email : {"INTEGER", "numeric(10)", "decimal", "REAL", "double precision", "BLOB", "bool"}) {
    INFO(email);
    CHECK(refusal_of("integer", email, "bool") ==
          std::string{"users.email_column: email of person is declared "} + email + ": an address is a text");
  }
  for (const char* active : {"bool", "boolean", "INTEGER", "tinyint(1)", "datetime", ""}) {
    INFO(active);
    CHECK(refusal_of("integer", "text", active).empty());
  }
  for (const char* active : {"varchar(5)", "text", "blob"}) {
    INFO(active);
    CHECK(refusal_of("integer", "text", active).find("users.active_column: active of person is declared ") == 0);
  }
}

TEST_CASE_METHOD(DjangoFile, "A view, a virtual table or a computed address cannot be adopted", "[adopted]") {
  must(migrate_sqlite(database, django_tables()));
  execute(database, R"(
    CREATE VIEW people AS SELECT * FROM auth_user;
    CREATE VIEW keys AS SELECT * FROM authtoken_token;
    CREATE VIRTUAL TABLE found USING fts5 (id, email);
    CREATE TABLE computed (id integer PRIMARY KEY, login text, email text AS (login || '@x.example'),
                           public_id text AS ('u' || id) STORED UNIQUE, address text))");
  CHECK(refusal(with(&AccountTables::accounts, "people")).find("users.table: people is a view: ") == 0);
  CHECK(refusal(with(&AccountTables::tokens, "keys")) ==
        "auth.token_table: keys is a view: it must be an ordinary table");
  CHECK(refusal({"found", "id", "email", "", "", ""}) ==
        "users.table: found is a virtual table: it must be an ordinary table");
  CHECK(refusal({"computed", "id", "email", "", "", ""}) ==
        "users.email_column: email of computed is a generated column: no address can be written to it");
  CHECK(refusal({"computed", "public_id", "address", "", "", ""}).empty());
}

TEST_CASE_METHOD(DjangoFile, "A table without a rowid, a strict one and one with a trigger are adopted", "[adopted]") {
  execute(database, R"(
    CREATE TABLE lean (id text PRIMARY KEY, email text, active int) WITHOUT ROWID;
    CREATE TABLE strict_one (id INTEGER PRIMARY KEY, email TEXT, active INT) STRICT;
    CREATE TABLE told (what text);
    CREATE TRIGGER tell AFTER UPDATE OF email ON lean BEGIN INSERT INTO told VALUES (NEW.email); END;
    INSERT INTO lean VALUES ('a', 'a@x.example', 1);
    INSERT INTO strict_one VALUES (1, 'a@x.example', 1))");
  for (const AccountTables& tables : {AccountTables{"lean", "id", "email", "active", "", ""},
                                      AccountTables{"strict_one", "id", "email", "active", "", ""}}) {
    INFO(tables.accounts);
    must(migrate_sqlite(database, tables));
    CHECK(refusal(tables).empty());
    SqliteStore store{database, tables};
    const std::string id = tables.accounts == "lean" ? "a" : "1";
    CHECK(store.apply(change_to(id, "a@x.example", tables.accounts + "@x.example")) == ApplyResult::applied);
  }
  CHECK(dump_sqlite(folder / "db.sqlite3").find("told\n|lean@x.example\n") != std::string::npos);
}

TEST_CASE_METHOD(DjangoFile, "Tokens of other accounts, or of nobody knows whom, are refused", "[adopted]") {
  execute(database, R"(
    CREATE TABLE customer (id integer PRIMARY KEY, number integer UNIQUE, email text);
    CREATE TABLE loose_token ("key" text PRIMARY KEY, user_id integer);
    CREATE TABLE text_token ("key" text PRIMARY KEY, user_id varchar(36));
    CREATE TABLE open_token ("key" text PRIMARY KEY, user_id);
    CREATE TABLE site_token ("key" text PRIMARY KEY, user_id integer REFERENCES customer))");
  must(migrate_sqlite(database, django_tables()));
  const auto refusal_of = [&](const char* id, const char* tokens) {
    return refusal({"customer", id, "email", "", "", tokens});
  };
  CHECK(
      refusal_of("id", "authtoken_token") ==
      "auth.token_table: user_id of authtoken_token refers to auth_user, not to customer (users.table): its tokens are "
      "of other accounts");
  CHECK(refusal_of("id", "loose_token").empty());
  CHECK(refusal_of("id", "open_token").empty());
  CHECK(refusal_of("id", "site_token").empty());
  CHECK(refusal_of("number", "site_token").empty());
  CHECK(
      refusal_of("number", "loose_token") ==
      "auth.token_table: user_id of loose_token has no foreign key: it may hold the primary key of customer or number "
      "(users.id_column)");
  CHECK(refusal_of("id", "text_token") ==
        "auth.token_table: user_id of text_token is declared varchar(36): it can never be id of customer, which is "
        "INTEGER");
}

TEST_CASE_METHOD(DjangoFile, "An index that ignores case makes an id unique, too", "[adopted]") {
  must(migrate_sqlite(database, django_tables()));
  execute(database, R"(
    CREATE UNIQUE INDEX folded ON auth_user (last_name COLLATE NOCASE);
    CREATE UNIQUE INDEX computed ON auth_user (lower(first_name)))");
  CHECK(refusal(with(&AccountTables::id, "last_name")).empty());
  CHECK(refusal(with(&AccountTables::id, "first_name")).find("users.id_column: first_name is not unique") == 0);
}

TEST_CASE_METHOD(DjangoFile, "Nothing is made in a database without the adopted table", "[adopted]") {
  const std::string before = dump_sqlite(folder / "db.sqlite3");
  const auto refused = migrate_sqlite(database, with(&AccountTables::accounts, "users"));
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
