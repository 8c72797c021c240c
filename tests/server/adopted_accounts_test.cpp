// What a store on adopted tables reads and writes, beyond what every store must do.

#include "flows/link_issuer.hpp"
#include "flows/verify_email.hpp"

#include "adapters/idn/libidn2_encoder.hpp"
#include "adopted_storage.hpp"
#include "support/catch.hpp"
#include "support/fixed_clock.hpp"
#include "support/fixed_link_keys.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// The answer of SQLite to one question, as text.
template <typename Storage>
std::string ask(Storage& storage, const std::string& sql) {
  const SQLite::Database database{storage.file().string(), SQLite::OPEN_READONLY};
  SQLite::Statement statement{database, sql};
  return statement.executeStep() ? statement.getColumn(0).getString() : "nothing";
}

template <typename Storage>
std::string email_of(Storage& storage, const std::string& id) {
  return storage.accounts().find_account(id).value().value().email;
}

/// "id address", or "-".
template <typename Storage>
std::string who(Storage& storage, const std::string& token) {
  const auto account = storage.accounts().find_account_by_token(token).value();
  return account ? account->id + " " + account->email : "-";
}

const std::string hex_id = "0f0e0d0c0b0a09080706050403020100";
const std::string uuid = "0f0e0d0c-0b0a-0908-0706-050403020100";

/// A site whose links are bound to the password column, as Django writes it.
struct SiteOnDjango : IntegerStorage {
  SiteOnDjango() {
    policy.verification_url = "https://app.example/verify/";
    add_account(*this, "1", "a@x.example");
  }
  Link link_for(const std::string& email) {
    const LinkVersion version = must(store.request_change(request_for("1", email)));
    return issuer.issue_ed25519(store.find_account("1").value().value(), email, version, clock.now()).value().link;
  }
  std::string press(const Link& link) {
    const auto outcome = verify_email.verify(link);
    return outcome ? "ok" : std::string{wire_name(outcome.error().code)};
  }
  LinkPolicy policy;
  Libidn2Encoder encoder;
  EmailRules rules{policy, encoder};
  FixedClock clock;
  FixedLinkKeys keys;
  LinkIssuer issuer{policy, keys};
  VerifyEmail verify_email{policy, rules, {store, keys, clock}};
};

}  // namespace

TEST_CASE("An integer id has one spelling", "[adopted]") {
  IntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  CHECK(storage.accounts().find_account("1").value().value().id == "1");
  for (const char* id : {"01", "+1", "1.0", "1e0", " 1", "1 ", "0x1", "-1", "", "1\t", "true"}) {
    INFO(id);
    CHECK_FALSE(storage.accounts().find_account(id).value());
    CHECK(storage.accounts().apply(change_to(id, "a@x.example", "b@x.example")) == ApplyResult::stale);
    CHECK(storage.accounts().request_change(request_for(id, "b@x.example")).error().code == ErrorCode::user_not_found);
  }
}

TEST_CASE("Ids in a column without a type, or of one that ignores case, have one spelling, too", "[adopted]") {
  TempFolder folder;
  SqliteDatabase database{(folder / "db").string(), 1};
  execute(database, R"(
    CREATE TABLE person (id UNIQUE, handle TEXT COLLATE NOCASE UNIQUE, email TEXT);
    INSERT INTO person VALUES (7, 'Ada', 'a@x.example'))");
  SqliteStore by_id{database, {"person", "id", "email", "", "", ""}};
  SqliteStore by_handle{database, {"person", "handle", "email", "", "", ""}};
  CHECK(by_id.find_account("7").value().value().email == "a@x.example");
  CHECK_FALSE(by_id.find_account("07").value());
  CHECK(by_handle.find_account("Ada").value().value().id == "Ada");
  CHECK_FALSE(by_handle.find_account("ada").value());
}

TEST_CASE("Django's UUIDs are read, found and changed with their hyphens", "[adopted]") {
  UuidStorage storage;
  add_account(storage, hex_id, "a@x.example");
  execute(storage.database, "INSERT INTO authtoken_token VALUES ('key-of-ada', '2026-01-01', '" + hex_id + "')");
  CHECK(storage.accounts().find_account(uuid).value().value().id == uuid);
  CHECK(who(storage, "key-of-ada") == uuid + " a@x.example");
  std::string upper = uuid;
  upper[1] = 'F';
  for (const std::string& other : {hex_id, upper, uuid + "-", "-" + uuid, uuid.substr(0, 35)}) {
    INFO(other);
    CHECK_FALSE(storage.accounts().find_account(other).value());
  }
  const LinkVersion version = storage.accounts().request_change(request_for(uuid, "b@x.example")).value();
  CHECK(storage.accounts().apply(change_to(uuid, "a@x.example", "b@x.example", version)) == ApplyResult::applied);
  CHECK(ask(storage, "SELECT email FROM auth_user WHERE id = '" + hex_id + "'") == "b@x.example");
}

TEST_CASE("Links may name another unique column than the one that tokens refer to", "[adopted]") {
  IntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  execute(storage.database, R"(
    ALTER TABLE auth_user ADD COLUMN public_id char(32);
    CREATE UNIQUE INDEX public_id_unique ON auth_user (public_id);
    UPDATE auth_user SET public_id = ')" +
                                hex_id + R"(';
    INSERT INTO authtoken_token VALUES ('key-of-ada', '2026-01-01', 1))");
  AccountTables tables = django_tables();
  tables.id = "public_id";
  SqliteStore store{storage.database, tables};
  CHECK(store.find_account_by_token("key-of-ada").value().value().id == uuid);
  CHECK_FALSE(store.find_account("1").value());
}

TEST_CASE("The primary key is nobody's id where links name another column", "[adopted]") {
  TempFolder folder;
  SqliteDatabase database{(folder / "db").string(), 1};
  execute(database, R"(
    CREATE TABLE person (id INTEGER PRIMARY KEY, number INTEGER UNIQUE, email TEXT);
    CREATE TABLE token ("key" TEXT PRIMARY KEY, user_id INTEGER REFERENCES person);
    INSERT INTO person VALUES (1, 2, 'ada@x.example'), (2, 1, 'bob@x.example');
    INSERT INTO token VALUES ('of ada', 1), ('of bob', 2))");
  const AccountTables tables{"person", "number", "email", "", "", "token"};
  must(migrate_sqlite(database, tables));
  SqliteStore store{database, tables};
  must(store.reconcile_claims("canonical", canonical_key));
  CHECK(store.find_account_by_token("of ada").value().value().id == "2");
  CHECK(store.find_account_by_token("of bob").value().value().email == "bob@x.example");
  CHECK(store.find_account("1").value().value().email == "bob@x.example");
  CHECK(store.apply(change_to("2", "ada@x.example", "new@x.example")) == ApplyResult::applied);
  CHECK(store.find_account_by_token("of ada").value().value().email == "new@x.example");
  CHECK(store.find_account_by_token("of bob").value().value().email == "bob@x.example");
}

TEST_CASE("A token names the one account whose id is its user_id letter by letter", "[adopted]") {
  TempFolder folder;
  SqliteDatabase database{(folder / "db").string(), 1};
  execute(database, R"(
    CREATE TABLE person (id TEXT COLLATE NOCASE, email TEXT);
    CREATE UNIQUE INDEX person_id ON person (id COLLATE BINARY);
    CREATE TABLE token ("key" TEXT PRIMARY KEY, user_id TEXT);
    INSERT INTO person VALUES ('Ada', 'capital@x.example'), ('ada', 'small@x.example');
    INSERT INTO token VALUES ('of small', 'ada'))");
  SqliteStore store{database, {"person", "id", "email", "", "", "token"}};
  CHECK(store.find_account_by_token("of small").value().value().email == "small@x.example");
}

TEST_CASE("The address is read from and written to the configured column", "[adopted]") {
  IntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  execute(storage.database, R"(
    ALTER TABLE auth_user ADD COLUMN contact varchar(254) NOT NULL DEFAULT '';
    UPDATE auth_user SET contact = 'contact@x.example')");
  AccountTables tables = django_tables();
  tables.email = "contact";
  SqliteStore store{storage.database, tables};
  CHECK(store.find_account("1").value().value().email == "contact@x.example");
  CHECK(store.apply(change_to("1", "contact@x.example", "new@x.example")) == ApplyResult::applied);
  CHECK(ask(storage, "SELECT contact || ' ' || email FROM auth_user") == "new@x.example a@x.example");
}

TEST_CASE("An account is inactive where the configured column says so", "[adopted]") {
  IntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  execute(storage.database, "ALTER TABLE auth_user ADD COLUMN confirmed bool NULL");
  AccountTables tables = django_tables();
  tables.active = "confirmed";
  SqliteStore store{storage.database, tables};
  ChangeToApply change = change_to("1", "a@x.example", "b@x.example");
  change.require_active = RequireActive::yes;
  for (const char* inactive : {"NULL", "0"}) {
    execute(storage.database, std::string{"UPDATE auth_user SET confirmed = "} + inactive);
    CHECK_FALSE(store.find_account("1").value().value().active);
    CHECK(store.apply(change) == ApplyResult::stale);
  }
  execute(storage.database, "UPDATE auth_user SET confirmed = 1, is_active = 0");
  CHECK(store.find_account("1").value().value().active);
  CHECK(store.apply(change) == ApplyResult::applied);
  tables.active.clear();
  SqliteStore all_active{storage.database, tables};
  execute(storage.database, "UPDATE auth_user SET confirmed = 0");
  CHECK(all_active.find_account("1").value().value().active);
}

TEST_CASE("A token of Django REST Framework signs in by its text", "[adopted]") {
  IntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "b@x.example", false);
  execute(storage.database, R"(
    INSERT INTO authtoken_token VALUES ('0a1b', '2026-01-01', 1), ('2c3d', '2026-01-01', 2))");
  CHECK(who(storage, "0a1b") == "1 a@x.example");
  CHECK_FALSE(storage.accounts().find_account_by_token("2c3d").value().value().active);
  for (const char* token : {"0A1B", "0a1", "0a1b ", "", "%"}) {
    INFO(token);
    CHECK(who(storage, token) == "-");
  }
}

TEST_CASE("Of an adopted table nothing but the address is written", "[adopted]") {
  IntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "b@x.example");
  execute(storage.database, R"(
    UPDATE auth_user SET last_login = '2026-01-02', is_superuser = 1, first_name = 'Ä"'';', date_joined = 12.5;
    INSERT INTO authtoken_token VALUES ('0a1b', '2026-01-01', 1))");
  const auto everything_else = [&] {
    return ask(storage, R"(
      SELECT group_concat(json_array(id, password, last_login, is_superuser, username, last_name, is_staff, is_active,
                                     date_joined, first_name)) || (SELECT group_concat("key" || created || user_id)
                                                                     FROM authtoken_token) FROM auth_user)");
  };
  const std::string before = everything_else();
  const LinkVersion version = storage.accounts().request_change(mailed_request("1", "c@x.example", "token")).value();
  CHECK(storage.accounts().apply(change_to("1", "a@x.example", "c@x.example", version)) == ApplyResult::applied);
  CHECK(everything_else() == before);
  CHECK(email_of(storage, "1") == "c@x.example");
  CHECK(email_of(storage, "2") == "b@x.example");
}

TEST_CASE("An account without an address has the empty one and may get its first", "[adopted]") {
  TempFolder folder;
  SqliteDatabase database{(folder / "db").string(), 1};
  execute(database, "CREATE TABLE person (id INTEGER PRIMARY KEY, mail TEXT); INSERT INTO person VALUES (1, NULL)");
  const AccountTables tables{"person", "id", "mail", "", "", ""};
  must(migrate_sqlite(database, tables));
  SqliteStore store{database, tables};
  const Account account = store.find_account("1").value().value();
  CHECK(account.email.empty());
  CHECK(account.active);
  CHECK(account.credential.empty());
  CHECK(store.apply(change_to("1", "", "a@x.example")) == ApplyResult::applied);
  CHECK(store.find_account("1").value().value().email == "a@x.example");
}

TEST_CASE("Names that need quotes are only names", "[adopted]") {
  TempFolder folder;
  SqliteDatabase database{(folder / "db").string(), 1};
  execute(database, R"(
    CREATE TABLE "my ""users""; --" ("select" TEXT PRIMARY KEY, "e-mail" TEXT, "on" INTEGER, "pass word" TEXT);
    INSERT INTO "my ""users""; --" VALUES ('x', 'a@x.example', NULL, 'secret'))");
  const AccountTables tables{"my \"users\"; --", "select", "e-mail", "on", "pass word", ""};
  must(migrate_sqlite(database, tables));
  SqliteStore store{database, tables};
  const Account account = store.find_account("x").value().value();
  CHECK(account.credential == "secret");
  CHECK_FALSE(account.active);
  CHECK(store.apply(change_to("x", "a@x.example", "b@x.example")) == ApplyResult::applied);
  CHECK(store.find_account("x").value().value().email == "b@x.example");
}

TEST_CASE("Accounts and tokens are not added to adopted tables", "[adopted]") {
  IntegerStorage storage;
  add_account(storage, "1", "a@x.example");
  const std::string before = dump_sqlite(storage.file());
  for (const auto& refused : {storage.store.add_account({"2", "b@x.example", "b@x.example", true}),
                              storage.store.add_token("1", hash_of_token("a token"), noon)}) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().log_detail.find("auth_user") != std::string::npos);
  }
  CHECK(dump_sqlite(storage.file()) == before);
}

TEST_CASE_METHOD(SiteOnDjango, "A link works while Django leaves password and address alone", "[adopted]") {
  const Link link = link_for("b@x.example");
  execute(database, "UPDATE auth_user SET last_login = '2026-01-02', first_name = 'Ada'");
  CHECK(press(link) == "ok");
  CHECK(store.find_account("1").value().value().email == "b@x.example");
}

TEST_CASE_METHOD(SiteOnDjango, "A link dies when Django changes the password, the address or the mark", "[adopted]") {
  const Link link = link_for("b@x.example");
  execute(database, "UPDATE auth_user SET password = 'pbkdf2 of another'");
  CHECK(press(link) == "link-superseded");
  execute(database, "UPDATE auth_user SET password = 'pbkdf2', email = 'c@x.example'");
  CHECK(press(link) == "link-superseded");
  execute(database, "UPDATE auth_user SET email = 'a@x.example', is_active = 0");
  CHECK(press(link) == "user-not-found");
  execute(database, "UPDATE auth_user SET is_active = 1");
  CHECK(press(link) == "ok");
}
