// Several parts in one transaction of SQLite: what happens to the others when one of them goes wrong.

#include <atomic>
#include <thread>

#include "storages.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

using Work = std::function<bool(SqliteConnection&)>;

/// A table `t (value)` and parts that write into it.
struct Batch {
  TempFolder folder;
  SqliteConnection connection{(folder / "waxseal.db").string(), SqliteFile::made_if_absent};
  std::vector<SqlitePart> parts;

  explicit Batch(const std::vector<Work>& works) {
    connection.database().exec("CREATE TABLE t (value INTEGER NOT NULL UNIQUE, filling BLOB)");
    for (const Work& work : works) parts.push_back({work, std::chrono::steady_clock::now() + std::chrono::seconds{5}});
  }
  void write() {
    std::vector<SqlitePart*> all;
    for (SqlitePart& part : parts) all.push_back(&part);
    write_together(connection, all);
  }
  std::string values() {
    return connection.database().execAndGet("SELECT coalesce(group_concat(value), '') FROM t").getString();
  }
  std::string thrown_by(std::size_t part) const {
    if (!parts[part].thrown) return "";
    try {
      std::rethrow_exception(parts[part].thrown);
    } catch (const std::exception& error) {
      return error.what();
    }
  }
};

Work insert(int value, int filling_bytes = 0) {
  return [value, filling_bytes](SqliteConnection& connection) {
    SQLite::Statement& statement = connection.prepare("INSERT INTO t (value, filling) VALUES (?1, zeroblob(?2))");
    statement.bind(1, value);
    statement.bind(2, filling_bytes);
    statement.exec();
    return true;
  };
}

Work insert_and_regret(int value) {
  return [value](SqliteConnection& connection) {
    insert(value)(connection);
    return false;
  };
}

Work insert_and_throw(int value) {
  return [value](SqliteConnection& connection) -> bool {
    insert(value)(connection);
    throw std::runtime_error{"not SQLite's"};
  };
}

/// From now on the file may not grow by more than so many pages.
void limit_growth(SqliteConnection& connection, int pages) {
  const int now = connection.database().execAndGet("PRAGMA page_count").getInt();
  connection.database().execAndGet("PRAGMA max_page_count = " + std::to_string(now + pages));
}

}  // namespace

TEST_CASE("Of parts that are written together each that keeps stays, and the others leave nothing") {
  Batch batch{{insert(1), insert_and_regret(2), insert_and_throw(3), insert(1), insert(4)}};
  batch.write();
  CHECK(batch.values() == "1,4");
  CHECK(batch.thrown_by(0).empty());
  CHECK(batch.thrown_by(1).empty());
  CHECK(batch.thrown_by(2) == "not SQLite's");
  CHECK(batch.thrown_by(3).find("UNIQUE") != std::string::npos);
  CHECK(batch.thrown_by(4).empty());
}

TEST_CASE("A part that stands alone and does not keep leaves nothing") {
  for (const Work& work : {insert_and_regret(1), insert_and_throw(1)}) {
    Batch batch{{work}};
    batch.write();
    CHECK(batch.values().empty());
  }
}

TEST_CASE("A part sees what the parts before it kept") {
  int seen = -1;
  Batch batch{{insert(1), insert_and_regret(2), [&](SqliteConnection& connection) {
                 seen = connection.database().execAndGet("SELECT sum(value) FROM t").getInt();
                 return false;
               }}};
  batch.write();
  CHECK(seen == 1);
}

TEST_CASE("A part for which there is no room fails, and the others are written without it") {
  Batch batch{{insert(1), insert(2, 1000000), insert(3)}};
  limit_growth(batch.connection, 2);
  batch.write();
  CHECK(batch.values() == "1,3");
  CHECK(batch.thrown_by(1).find("full") != std::string::npos);
}

TEST_CASE("A part that takes the transaction with it fails, and the others are written without it") {
  int runs = 0;
  Batch batch{{[&](SqliteConnection& connection) { return ++runs, insert(1)(connection); },
               [](SqliteConnection& connection) {
                 connection.database().exec("ROLLBACK");
                 return true;
               },
               insert(3)}};
  batch.write();
  CHECK(batch.values() == "1,3");
  CHECK(runs == 2);
  CHECK_FALSE(batch.thrown_by(1).empty());
}

TEST_CASE("A transaction that cannot be committed is told to everybody in it, and nothing of it is there") {
  Batch batch{{insert(1), insert(2), insert(3)}};
  batch.connection.database().exec(
      "CREATE TABLE other (value REFERENCES t (value) DEFERRABLE INITIALLY DEFERRED); INSERT INTO t VALUES (9, NULL)");
  batch.parts[1].work = [](SqliteConnection& connection) {
    return connection.database().exec("INSERT INTO other VALUES (77)") == 1;  // found out by COMMIT alone
  };
  CHECK_THROWS_AS(batch.write(), SQLite::Exception);
  CHECK(batch.values() == "9");
}

TEST_CASE("Threads that write at the same time share transactions, and each gets its own answer", "[concurrent]") {
  constexpr int threads = 16, rounds = 20;
  TempFolder folder;
  SqliteDatabase database{(folder / "waxseal.db").string(), 4};
  std::atomic<int> wrong{0};
  const auto create = [](SqliteConnection& connection) -> Result<int> {
    return connection.database().exec("CREATE TABLE t (value INTEGER UNIQUE)");
  };
  REQUIRE(database.run(create));
  std::vector<std::thread> all;
  for (int thread = 0; thread < threads; ++thread) {
    all.emplace_back([&, thread] {
      for (int round = 0; round < rounds; ++round) {
        const int value = thread * rounds + round;
        const bool keeps = value % 3 != 0;
        const auto answer = database.write([&](SqliteConnection& connection, SqliteOwnPart& own) -> Result<int> {
          connection.database().exec("INSERT INTO t VALUES (" + std::to_string(value) + ")");
          if (!keeps) return fail(ErrorCode::link_used, std::to_string(value));
          own.keep();
          return value;
        });
        if (keeps ? answer != value : answer || answer.error().log_detail != std::to_string(value)) ++wrong;
      }
    });
  }
  for (std::thread& thread : all) thread.join();
  CHECK(wrong == 0);
  const auto rows = database.run([](SqliteConnection& connection) -> Result<std::string> {
    return connection.database().execAndGet("SELECT count(*) || ' ' || sum(value % 3 = 0) FROM t").getString();
  });
  CHECK(rows == std::to_string(threads * rounds - (threads * rounds + 2) / 3) + " 0");
}
