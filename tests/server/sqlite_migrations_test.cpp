#include "adapters/sqlite/sqlite_migrations.hpp"

#include <latch>
#include <thread>

#include "storages.hpp"
#include "support/catch.hpp"
#include "support/vectors.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using Names = std::vector<std::string>;

namespace {

void execute(SqliteDatabase& database, const std::string& sql) {
  database.run([&](SqliteConnection& connection) -> Result<int> { return connection.database().exec(sql); }).value();
}

}  // namespace

TEST_CASE("Migrating an empty file applies every step in order, and again none") {
  TempFolder folder;
  SqliteDatabase database{(folder / "waxseal.db").string(), 1};
  CHECK(migrate_sqlite(database) == Names{"accounts/0001_initial", "links/0001_initial", "links/0002_outbox_kinds",
                                          "links/0003_limits", "links/0004_one_notice_a_version",
                                          "links/0005_outbox_leases", "links/0006_audit"});
  const std::string before = dump_sqlite(folder / "waxseal.db");
  CHECK(migrate_sqlite(database) == Names{});
  CHECK(dump_sqlite(folder / "waxseal.db") == before);
  CHECK(check_sqlite_schema(database));
}

TEST_CASE("A request looks at no settled change of its account, however many there are") {
  SqliteStorage storage;
  const auto plan = storage.database.run([](SqliteConnection& connection) -> Result<std::string> {
    SQLite::Statement& steps = connection.prepare(
        "EXPLAIN QUERY PLAN UPDATE waxseal_change SET outcome = 'superseded', settled_at = 1 "
        "WHERE account_id = '1' AND outcome = 'pending'");
    return steps.executeStep() ? steps.getColumn("detail").getString() : "";
  });
  CHECK(plan.value().find("INDEX waxseal_change_pending (account_id=? AND outcome=?)") != std::string::npos);
}

TEST_CASE("Migrating keeps what the tables hold") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  REQUIRE(migrate_sqlite(storage.database));
  CHECK(storage.accounts().find_account("1").value().has_value());
}

TEST_CASE("Mails that wait in a file of the first version are kept, with their numbers, and new kinds are taken") {
  TempFolder folder;
  SqliteDatabase database{(folder / "waxseal.db").string(), 1};
  execute(database, std::string{"CREATE TABLE waxseal_migration (name TEXT PRIMARY KEY NOT NULL, "
                                "applied_at INTEGER NOT NULL DEFAULT (unixepoch())) STRICT;"
                                "INSERT INTO waxseal_migration (name) VALUES ('links/0001_initial');"} +
                        read_file(in_sources("server/migrations/sqlite/links/0001_initial.sql")));
  execute(database, R"(INSERT INTO waxseal_outbox
    (id, kind, account_id, address, link_version, language, message_token, created_at, due_at)
    VALUES (41, 'email_in_use', '1', 'b@x.example', 7, 'en', 'token', 100, 100))");

  REQUIRE(migrate_sqlite(database));
  SqliteOutbox outbox{database};
  const auto entry = outbox.claim_next(OutboxQueue::mails, from_unix_s(100), std::chrono::seconds{1}).value();
  REQUIRE(entry);
  CHECK(entry->id == 41);
  CHECK(entry->kind == MailKind::email_in_use);
  CHECK(entry->message_token == "token");
  execute(database, R"(INSERT INTO waxseal_outbox
    (kind, account_id, address, link_version, language, message_token, created_at, due_at)
    VALUES ('change_notice', '1', 'a@x.example', 7, 'en', 'other', 100, 100))");
  const auto notice = outbox.claim_next(OutboxQueue::mails, from_unix_s(100), std::chrono::seconds{1}).value();
  REQUIRE(notice);
  CHECK(notice->id == 42);
  CHECK(notice->kind == MailKind::change_notice);
}

TEST_CASE("Programs that migrate one new file at once all succeed and apply each step once", "[concurrent]") {
  TempFolder folder;
  constexpr int programs = 8;
  std::latch start{programs};
  std::vector<Result<Names>> results(programs);
  std::vector<std::thread> threads;
  for (int number = 0; number < programs; ++number) {
    threads.emplace_back([&, number] {
      SqliteDatabase database{(folder / "waxseal.db").string(), 1};
      start.arrive_and_wait();
      results[static_cast<std::size_t>(number)] = migrate_sqlite(database);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::size_t applied = 0;
  for (const auto& result : results) {
    INFO((result ? "" : result.error().log_detail));
    REQUIRE(result.has_value());
    applied += result->size();
  }
  TempFolder elsewhere;
  SqliteDatabase reference{(elsewhere / "waxseal.db").string(), 1};
  CHECK(applied == migrate_sqlite(reference).value().size());
}

TEST_CASE("A file without tables is not ready and names the command that makes them") {
  TempFolder folder;
  SqliteDatabase database{(folder / "waxseal.db").string(), 1};
  const auto ready = SqliteStore{database}.check_ready();
  REQUIRE_FALSE(ready);
  CHECK(ready.error().code == ErrorCode::internal);
  CHECK(ready.error().log_detail.find("`waxseal migrate`") != std::string::npos);
}

TEST_CASE("A file that lacks a step is not ready and names the step and the command") {
  SqliteStorage storage;
  execute(storage.database, "DELETE FROM waxseal_migration WHERE name = 'accounts/0001_initial'");
  const auto ready = storage.accounts().check_ready();
  REQUIRE_FALSE(ready);
  CHECK(ready.error().log_detail.find("accounts/0001_initial") != std::string::npos);
  CHECK(ready.error().log_detail.find("`waxseal migrate`") != std::string::npos);
}

TEST_CASE("A program that was killed between two steps leaves a file that the next one finishes") {
  TempFolder folder;
  SqliteDatabase database{(folder / "waxseal.db").string(), 1};
  execute(database, std::string{"CREATE TABLE waxseal_migration (name TEXT PRIMARY KEY NOT NULL, "
                                "applied_at INTEGER NOT NULL DEFAULT (unixepoch())) STRICT;"
                                "INSERT INTO waxseal_migration (name) VALUES ('accounts/0001_initial');"} +
                        read_file(in_sources("server/migrations/sqlite/accounts/0001_initial.sql")));
  execute(database, "INSERT INTO waxseal_account (id, email) VALUES ('1', 'a@x.example')");
  const Names missing = missing_sqlite_steps(database).value();
  REQUIRE_FALSE(missing.empty());
  CHECK(missing.front() == "links/0001_initial");
  CHECK(SqliteStore{database}.check_ready().error().log_detail ==
        "storage.url: the database lacks links/0001_initial: run `waxseal migrate`");
  CHECK(migrate_sqlite(database) == missing);
  CHECK(SqliteStore{database}.check_ready());
  CHECK(SqliteStore{database}.find_account("1").value().value().email == "a@x.example");
}

TEST_CASE("A file that has lost a table or a column is not ready, whatever its register says") {
  for (const char* loss : {"DROP TABLE waxseal_change", "ALTER TABLE waxseal_account DROP COLUMN active"}) {
    INFO(loss);
    SqliteStorage storage;
    execute(storage.database, loss);
    const std::string before = dump_sqlite(storage.file());
    const auto ready = storage.accounts().check_ready();
    REQUIRE_FALSE(ready);
    CHECK(ready.error().code == ErrorCode::internal);
    CHECK(ready.error().log_detail.find("storage.url: the database has lost waxseal_") == 0);
    CHECK(migrate_sqlite(storage.database) == Names{});
    CHECK(dump_sqlite(storage.file()) == before);
  }
}

TEST_CASE("A file that a newer program migrated is refused and left as it is") {
  SqliteStorage storage;
  execute(storage.database, "INSERT INTO waxseal_migration (name) VALUES ('links/0099_later')");
  const std::string before = dump_sqlite(storage.file());
  for (const auto& refused : {storage.accounts().check_ready(), migrate_sqlite(storage.database).map([](auto&&) {})}) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::internal);
    CHECK(refused.error().log_detail.find("newer waxseal: links/0099_later") != std::string::npos);
  }
  CHECK(dump_sqlite(storage.file()) == before);
}

TEST_CASE("A step that does not apply leaves nothing of itself behind") {
  TempFolder folder;
  SqliteDatabase database{(folder / "waxseal.db").string(), 1};
  execute(database, "CREATE TABLE waxseal_claim_basis (foreign_thing TEXT)");  // made last by the first step
  const auto migrated = migrate_sqlite(database);
  REQUIRE_FALSE(migrated);
  CHECK(migrated.error().code == ErrorCode::internal);
  CHECK(dump_sqlite(folder / "waxseal.db").find("waxseal_outbox") == std::string::npos);
  CHECK_FALSE(check_sqlite_schema(database));
}
