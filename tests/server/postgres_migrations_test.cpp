#include "adapters/postgres/postgres_migrations.hpp"

#include <latch>
#include <set>
#include <thread>

#include "adopted_postgres.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

using Names = std::vector<std::string>;

std::string refusal(const Result<void>& result) { return result ? "" : result.error().log_detail; }

}  // namespace

TEST_CASE("Migrating an empty PostgreSQL schema applies every step in order, and again none", "[postgres]") {
  PostgresSchema schema;
  const auto applied = migrate_postgres(schema.database);
  REQUIRE(applied);
  REQUIRE(applied->size() >= 2);
  CHECK(applied->front() == "accounts/0001_initial");
  CHECK(migrate_postgres(schema.database) == Names{});
  CHECK(check_postgres_schema(schema.database));
}

TEST_CASE("Beside adopted PostgreSQL tables only the links' tables are made", "[postgres]") {
  PostgresSchema schema;
  execute(schema.database, django_postgres_schema("integer"));
  const auto applied = migrate_postgres(schema.database, django_tables());
  REQUIRE(applied);
  CHECK(applied->front().rfind("links/", 0) == 0);
  CHECK(schema.dump().find("waxseal_account") == std::string::npos);
}

TEST_CASE("Programs that migrate one PostgreSQL schema at once all succeed and apply each step once", "[postgres]") {
  const PostgresSchema schema;
  constexpr int programs = 4;
  std::vector<Result<Names>> applied(programs, Names{});
  std::latch start{programs};
  std::vector<std::thread> threads;
  for (int number = 0; number < programs; ++number) {
    threads.emplace_back([&, number] {
      PostgresDatabase database{postgres_url_of(schema.url), 1};
      start.arrive_and_wait();
      applied[static_cast<std::size_t>(number)] = migrate_postgres(database);
    });
  }
  for (std::thread& thread : threads) thread.join();
  Names all;
  for (const auto& names : applied) {
    INFO((names ? "" : names.error().log_detail));
    REQUIRE(names.has_value());
    all.insert(all.end(), names->begin(), names->end());
  }
  CHECK(std::set<std::string>{all.begin(), all.end()}.size() == all.size());
}

TEST_CASE("A PostgreSQL schema without tables names the command that makes them", "[postgres]") {
  PostgresSchema schema;
  const std::string words = refusal(check_postgres_schema(schema.database));
  CHECK(words.find("storage.url: ") == 0);
  CHECK(words.find("`waxseal migrate`") != std::string::npos);
}

TEST_CASE("A PostgreSQL schema that has lost a table is not ready, whatever its register says", "[postgres]") {
  PostgresStorage storage;
  execute(storage.database, "DROP TABLE waxseal_limit");
  CHECK(refusal(storage.store.check_ready()).find("has lost waxseal_limit") != std::string::npos);
}

TEST_CASE("A step of a newer program lets this one go on in PostgreSQL, unless it says otherwise", "[postgres]") {
  PostgresStorage storage;
  execute(storage.database, "INSERT INTO waxseal_migration (name) VALUES ('links/0099_later')");
  CHECK(storage.store.check_ready());
  CHECK(migrate_postgres(storage.database) == Names{});
  execute(storage.database, "UPDATE waxseal_migration SET older_programs = 'stop' WHERE name = 'links/0099_later'");
  CHECK(refusal(storage.store.check_ready()).find("newer waxseal: links/0099_later") != std::string::npos);
  CHECK_FALSE(migrate_postgres(storage.database));
}
