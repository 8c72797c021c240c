#include "adapters/sqlite/sqlite_database.hpp"

#include <sqlite3.h>

#include <atomic>
#include <future>
#include <thread>

#include "storages.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

int pragma(SqliteDatabase& database, const std::string& name) {
  return database
      .run([&](SqliteConnection& connection) -> Result<int> {
        return connection.database().execAndGet("PRAGMA " + name).getInt();
      })
      .value();
}

/// What comes back when the driver throws with this code.
Error error_for(int sqlite_code) {
  SqliteDatabase database{":memory:", 1};
  const auto result = database.run([&](SqliteConnection&) -> Result<int> {
    throw SQLite::Exception{"it went wrong", sqlite_code};
  });
  return result.error();
}

}  // namespace

TEST_CASE("Every connection writes ahead, syncs in full and minds foreign keys") {
  TempFolder folder;
  SqliteDatabase database{(folder / "waxseal.db").string(), 2};
  CHECK(pragma(database, "synchronous") == 2);
  CHECK(pragma(database, "foreign_keys") == 1);
  const auto mode = database.run([](SqliteConnection& connection) -> Result<std::string> {
    return connection.database().execAndGet("PRAGMA journal_mode").getString();
  });
  CHECK(mode == "wal");
}

TEST_CASE("An account that is deleted takes its tokens with it") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  REQUIRE(storage.admin().add_token("1", hash_of_token("token 1"), noon));
  const auto removed = storage.database.run([](SqliteConnection& connection) -> Result<int> {
    return connection.database().exec("DELETE FROM waxseal_account");
  });
  REQUIRE(removed);
  CHECK_FALSE(storage.accounts().find_account_by_token("token 1").value());
}

TEST_CASE("What may work later is unavailable and the rest is internal") {
  for (const int code :
       {SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_NOMEM}) {
    INFO(code);
    CHECK(error_for(code).code == ErrorCode::unavailable);
  }
  for (const int code : {SQLITE_ERROR, SQLITE_CORRUPT, SQLITE_CONSTRAINT, SQLITE_NOTADB, SQLITE_MISMATCH}) {
    INFO(code);
    CHECK(error_for(code).code == ErrorCode::internal);
  }
  CHECK(error_for(SQLITE_BUSY).log_detail == "storage.url: :memory:: it went wrong");
}

TEST_CASE("A write while another program holds the file is unavailable after 5 s") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  SQLite::Database other{storage.file().string(), SQLite::OPEN_READWRITE};
  other.exec("BEGIN IMMEDIATE");
  const auto start = std::chrono::steady_clock::now();
  const auto asked = storage.accounts().request_change(request_for("1", "b@x.example"));
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::seconds{5});
  REQUIRE_FALSE(asked);
  CHECK(asked.error().code == ErrorCode::unavailable);
  CHECK(storage.accounts().find_account("1").value().has_value());
  other.exec("ROLLBACK");
  CHECK(storage.accounts().request_change(request_for("1", "b@x.example")));
}

TEST_CASE("A write waits while another program holds the file, and goes on") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  SQLite::Database other{storage.file().string(), SQLite::OPEN_READWRITE};
  other.exec("BEGIN IMMEDIATE");
  auto asked = std::async(std::launch::async,
                          [&] { return storage.accounts().request_change(request_for("1", "b@x.example")); });
  CHECK(asked.wait_for(std::chrono::milliseconds{200}) == std::future_status::timeout);
  other.exec("ROLLBACK");
  CHECK(asked.get());
}

TEST_CASE("A file that is full is unavailable and keeps what it had") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  storage.database
      .run([](SqliteConnection& connection) -> Result<int> {
        const int pages = connection.database().execAndGet("PRAGMA page_count").getInt();
        return connection.database().execAndGet("PRAGMA max_page_count = " + std::to_string(pages)).getInt();
      })
      .value();
  const std::string before = dump_sqlite(storage.file());
  const auto asked = storage.accounts().request_change(mailed_request("1", std::string(200000, 'b'), "t"));
  REQUIRE_FALSE(asked);
  CHECK(asked.error().code == ErrorCode::unavailable);
  CHECK(dump_sqlite(storage.file()) == before);
}

TEST_CASE("A file that turned read-only is unavailable, keeps what it had, and works again once it may be written") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  const auto set_query_only = [&](const char* state) {  // of the one connection that is open
    storage.database
        .run([&](SqliteConnection& connection) -> Result<int> {
          return connection.database().exec(std::string{"PRAGMA query_only = "} + state);
        })
        .value();
  };
  set_query_only("ON");
  const std::string before = dump_sqlite(storage.file());
  const auto asked = storage.accounts().request_change(request_for("1", "b@x.example"));
  REQUIRE_FALSE(asked);
  CHECK(asked.error().code == ErrorCode::unavailable);
  CHECK(asked.error().log_detail.find("this user must be able to write the file and its folder") != std::string::npos);
  CHECK(dump_sqlite(storage.file()) == before);
  set_query_only("OFF");
  CHECK(storage.accounts().request_change(request_for("1", "b@x.example")));
}

TEST_CASE("A file that must exist is not made") {
  TempFolder folder;
  SqliteDatabase database{(folder / "site.db").string(), 1, SqliteFile::must_exist};
  const auto account = SqliteStore{database}.find_account("1");
  REQUIRE_FALSE(account);
  CHECK(account.error().code == ErrorCode::unavailable);
  CHECK(account.error().log_detail.find("storage.url: " + (folder / "site.db").string()) == 0);
  CHECK_FALSE(std::filesystem::exists(folder / "site.db"));
}

TEST_CASE("A file that is looked at stays as it is, byte by byte") {
  TempFolder folder;
  const std::string path = (folder / "site.db").string();
  SQLite::Database{path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}.exec("CREATE TABLE t (a)");
  const std::string before = read_file(path);
  SqliteDatabase database{path, 1, SqliteFile::looked_at};
  const auto looked =
      database.run([](SqliteConnection& connection) -> Result<bool> { return connection.database().tableExists("t"); });
  CHECK(looked == true);
  CHECK(read_file(path) == before);
}

TEST_CASE("A file that cannot be made is unavailable, each time it is tried") {
  TempFolder folder;
  SqliteDatabase database{(folder / "no such folder/waxseal.db").string(), 1};
  SqliteStore store{database};
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto account = store.find_account("1");
    REQUIRE_FALSE(account);
    CHECK(account.error().code == ErrorCode::unavailable);
  }
}

TEST_CASE("A file that is no database is internal") {
  TempFolder folder;
  write_file(folder / "waxseal.db", std::string(4096, 'x'));
  SqliteDatabase database{(folder / "waxseal.db").string(), 1};
  const auto account = SqliteStore{database}.find_account("1");
  REQUIRE_FALSE(account);
  CHECK(account.error().code == ErrorCode::internal);
}

TEST_CASE("A failed transaction leaves its connection fit for the next one") {
  SqliteDatabase database{":memory:", 1};
  const auto failed = database.run([](SqliteConnection& connection) -> Result<int> {
    SqliteWrite write{connection};
    connection.database().exec("CREATE TABLE t (a)");
    return connection.database().exec("no such statement");
  });
  REQUIRE_FALSE(failed);
  const auto next = database.run([](SqliteConnection& connection) -> Result<bool> {
    SqliteWrite write{connection};
    return connection.database().tableExists("t");
  });
  CHECK(next == false);
}

TEST_CASE("A thread waits for a connection that another one has", "[concurrent]") {
  SqliteDatabase database{":memory:", 1};
  std::vector<std::thread> threads;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        const auto done = database.run([&](SqliteConnection&) -> Result<int> {
          const int now = ++inside;
          if (now > most) most = now;
          std::this_thread::yield();
          return --inside;
        });
        if (!done) most = 99;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(most == 1);
}

TEST_CASE("A reader that stops in the middle of its rows does not block a later checkpoint") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "b@x.example");
  storage.accounts().find_account("1").value();
  const SQLite::Database other{storage.file().string(), SQLite::OPEN_READWRITE};
  SQLite::Statement checkpoint{other, "PRAGMA wal_checkpoint(TRUNCATE)"};
  REQUIRE(checkpoint.executeStep());
  CHECK(checkpoint.getColumn(0).getInt() == 0);  // 1: somebody held a snapshot
}
