// What becomes of a failure: tried again where that is safe, told where it is not.

#include "adapters/postgres/postgres_database.hpp"

#include <atomic>
#include <latch>
#include <thread>

#include "postgres_storage.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// Ends all other sessions of the schema's database that run under this name.
void end_sessions(const std::string& name) {
  pqxx::connection connection{postgres_server_url()};
  pqxx::nontransaction questions{connection};
  questions.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = " +
                 questions.quote(name));
}

/// A database whose sessions have a name of their own.
struct Named {
  explicit Named(const std::string& session_name, std::size_t connections = 4)
      : name(session_name + std::to_string(getpid())),
        database(postgres_url_of(new_postgres_schema("&application_name=" + name)), connections) {}

  Result<int> one() {
    return database.read(
        [](PostgresTransaction& transaction) -> Result<int> { return transaction.run("SELECT 1")[0][0].as<int>(); });
  }

  std::string name;
  PostgresDatabase database;
};

}  // namespace

TEST_CASE("PostgreSQL sessions that were ended while nobody used them are made anew without a failure", "[postgres]") {
  Named named{"idle"};
  REQUIRE(named.one() == 1);
  end_sessions(named.name);
  CHECK(named.one() == 1);
}

TEST_CASE("A PostgreSQL session that is lost before the commit lets the work run again", "[postgres]") {
  Named named{"lost"};
  execute(named.database, "CREATE TABLE t (a int)");
  int runs = 0;
  const auto written = named.database.write(InDoubt::fail, [&](PostgresTransaction& transaction) -> Result<void> {
    transaction.write("INSERT INTO t VALUES (1)");
    if (++runs == 1) end_sessions(named.name);
    transaction.write("INSERT INTO t VALUES (2)");
    transaction.keep();
    return {};
  });
  CHECK(written);
  CHECK(runs == 2);
  const auto rows = named.database.read([](PostgresTransaction& transaction) -> Result<std::size_t> {
    return transaction.run("SELECT a FROM t").size();
  });
  CHECK(rows == std::size_t{2});
}

TEST_CASE("A PostgreSQL session that is lost at the commit is repeated only where that is asked for", "[postgres]") {
  for (const InDoubt in_doubt : {InDoubt::fail, InDoubt::repeat}) {
    Named named{"doubt"};
    execute(named.database, "CREATE TABLE t (a int)");
    int runs = 0;
    const auto written = named.database.write(in_doubt, [&](PostgresTransaction& transaction) -> Result<void> {
      transaction.write("INSERT INTO t VALUES (1)");
      transaction.keep();
      if (++runs == 1) end_sessions(named.name);
      return {};
    });
    CHECK(runs == (in_doubt == InDoubt::repeat ? 2 : 1));
    CHECK(written.has_value() == (in_doubt == InDoubt::repeat));
    if (!written) {
      CHECK(written.error().code == ErrorCode::unavailable);
      CHECK(written.error().log_detail.find("nobody knows the outcome") != std::string::npos);
    }
  }
}

TEST_CASE("Two PostgreSQL transactions that wait for each other both succeed in the end", "[postgres][concurrent]") {
  Named named{"ring"};
  execute(named.database, "CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t VALUES (1, 0), (2, 0)");
  std::latch both_hold_one{2};
  std::atomic<int> runs{0};
  const auto work = [&](int first, int second) {
    return named.database.write(
        InDoubt::fail, [&, first, second, waited = false](PostgresTransaction& transaction) mutable -> Result<void> {
          ++runs;
          transaction.write("UPDATE t SET b = b + 1 WHERE a = $1", first);
          if (!waited) both_hold_one.arrive_and_wait();
          waited = true;
          transaction.write("UPDATE t SET b = b + 1 WHERE a = $1", second);
          transaction.keep();
          return {};
        });
  };
  Result<void> other;
  std::thread thread{[&] { other = work(2, 1); }};
  const Result<void> one = work(1, 2);
  thread.join();
  CHECK(one);
  CHECK(other);
  CHECK(runs >= 3);
  const auto sum = named.database.read([](PostgresTransaction& transaction) -> Result<int> {
    return transaction.run("SELECT sum(b)::int FROM t")[0][0].as<int>();
  });
  CHECK(sum == 4);
}

TEST_CASE("Work that does not keep what it wrote leaves nothing in PostgreSQL", "[postgres]") {
  Named named{"rollback"};
  execute(named.database, "CREATE TABLE t (a int)");
  const auto refused = named.database.write(InDoubt::fail, [](PostgresTransaction& transaction) -> Result<void> {
    transaction.write("INSERT INTO t VALUES (1)");
    return fail(ErrorCode::user_not_found, "no");
  });
  CHECK(refused.error().code == ErrorCode::user_not_found);
  const auto any = named.database.read(
      [](PostgresTransaction& transaction) -> Result<bool> { return transaction.is_any("SELECT 1 FROM t"); });
  CHECK(any == false);
}

TEST_CASE("A lock of others in PostgreSQL is waited for a few seconds and then unavailable", "[postgres]") {
  Named named{"locked"};
  execute(named.database, "CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
  std::latch locked{1};
  std::latch done{1};
  std::thread holder{[&] {
    must(named.database.write(InDoubt::fail, [&](PostgresTransaction& transaction) -> Result<void> {
      transaction.run("SELECT a FROM t FOR UPDATE");
      locked.count_down();
      done.wait();
      return {};
    }));
  }};
  locked.wait();
  const auto waited = named.database.write(InDoubt::fail, [](PostgresTransaction& transaction) -> Result<void> {
    transaction.run("SELECT a FROM t FOR UPDATE");
    return {};
  });
  done.count_down();
  holder.join();
  REQUIRE_FALSE(waited);
  CHECK(waited.error().code == ErrorCode::unavailable);
  CHECK(waited.error().log_detail.find("(55P03)") != std::string::npos);
}

TEST_CASE("A PostgreSQL server that is not there is unavailable at once, and no password is told", "[postgres]") {
  TempFolder folder;
  PostgresDatabase database{postgres_url_of("postgresql://app:s3cret@/accounts?host=" + folder.path().string()), 2};
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto read = database.read([](PostgresTransaction&) -> Result<void> { return {}; });
    REQUIRE_FALSE(read);
    CHECK(read.error().code == ErrorCode::unavailable);
    CHECK(read.error().log_detail.find("storage.url: " + folder.path().string()) == 0);
    CHECK(read.error().log_detail.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("A statement that PostgreSQL refuses is internal and its values are not told", "[postgres]") {
  Named named{"refused"};
  execute(named.database, "CREATE TABLE t (a text UNIQUE)");
  const auto insert = [&] {
    return named.database.write(InDoubt::fail, [](PostgresTransaction& transaction) -> Result<void> {
      transaction.write("INSERT INTO t VALUES ($1)", "a-token-of-somebody");
      transaction.keep();
      return {};
    });
  };
  REQUIRE(insert());
  const auto again = insert();
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::internal);
  CHECK(again.error().log_detail.find("(23505)") != std::string::npos);
  CHECK(again.error().log_detail.find("a-token-of-somebody") == std::string::npos);
}

TEST_CASE("What PostgreSQL cannot store is nobody's id and nobody's token", "[postgres]") {
  PostgresStorage storage;
  add_account(storage, "1", "a@x.example");
  for (const std::string& strange : {std::string{"1\0", 2}, std::string{"1\xff"}, std::string{"\xc0\xaf"}}) {
    CHECK_FALSE(must(storage.store.find_account(strange)));
    CHECK(storage.store.request_change(request_for(strange, "b@x.example")).error().code == ErrorCode::user_not_found);
    CHECK(storage.store.apply(change_to(strange, "a@x.example", "b@x.example")) == ApplyResult::stale);
  }
}
