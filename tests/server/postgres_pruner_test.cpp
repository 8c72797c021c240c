// What is forgotten and what is kept, on PostgreSQL.

#include "adapters/postgres/postgres_pruner.hpp"
#include "postgres_storage.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

constexpr std::chrono::hours day{24};
const PruneBounds bounds{noon - day, noon - 7 * day, noon};

struct PrunedStorage : PostgresStorage {
  std::int64_t prune(PrunedRecords records, PruneMode mode = PruneMode::delete_them) {
    return must(pruner.prune(records, bounds, mode, [&](const PruneProgress& so_far) { progress.push_back(so_far); }));
  }
  std::string rows_of(const std::string& sql) {
    pqxx::connection connection{url};
    pqxx::nontransaction questions{connection};
    std::string rows;
    for (const auto& row : questions.exec(sql)) rows += std::string{row[0].c_str()} + " ";
    return rows;
  }
  PostgresPruner pruner{database};
  std::vector<PruneProgress> progress;
};

std::string at(UnixTime time) { return std::to_string(to_unix_s(time)); }

}  // namespace

TEST_CASE("On Postgres the audit is forgotten from its bound on, in batches; counting changes nothing") {
  PrunedStorage storage;
  execute(storage.database,
          "INSERT INTO waxseal_audit (at, event, account_id, link_version, old_email, new_email) "
          "SELECT CASE WHEN i <= 2500 THEN 1 ELSE " +
              at(noon - day) + " END, 'applied', i::text, 1, 'a', 'b' FROM generate_series(1, 2503) AS i");
  CHECK(storage.prune(PrunedRecords::audit, PruneMode::count_them) == 2500);
  CHECK(storage.rows_of("SELECT count(*) FROM waxseal_audit") == "2503 ");
  CHECK(storage.prune(PrunedRecords::audit) == 2500);
  CHECK(storage.rows_of("SELECT count(*) FROM waxseal_audit") == "3 ");
  REQUIRE(storage.progress.size() == 3);
  CHECK(storage.progress[0].deleted == 1000);
  CHECK(storage.progress[2].rows == 2500);
}

TEST_CASE("On Postgres what waits and what a link may still need stays, everything else goes") {
  PrunedStorage storage;
  const std::string old = at(noon - 8 * day), recent = at(noon - 2 * day), now = at(noon);
  execute(
      storage.database,
      "INSERT INTO waxseal_change (account_id, link_version, old_email, new_email, outcome, requested_at, settled_at, "
      "asked_again_at) VALUES ('settled long ago', 1, 'a', 'b', 'applied', " +
          old + ", " + old +
          ", NULL), "
          "('asked long ago', 1, 'a', 'b', 'pending', " +
          old +
          ", NULL, NULL), "
          "('asked-again', 1, 'a', 'b', 'pending', " +
          old + ", NULL, " + recent +
          "), "
          "('settled-lately', 1, 'a', 'b', 'applied', " +
          old + ", " + recent +
          ", NULL);"
          "INSERT INTO waxseal_outbox (kind, account_id, address, link_version, language, message_token, created_at, "
          "due_at, "
          "state, settled_at) VALUES ('verify_email', '1', 'waits', 1, 'en', '1', 5, 5, 'queued', NULL), "
          "('verify_email', '1', 'sent', 1, 'en', '2', 5, NULL, 'sent', " +
          recent +
          "), "
          "('verify_email', '1', 'just-sent', 1, 'en', '3', 5, NULL, 'sent', " +
          now +
          ");"
          "INSERT INTO waxseal_used_link VALUES (decode(repeat('01', 32), 'hex'), " +
          now +
          " - 1), "
          "(decode(repeat('02', 32), 'hex'), " +
          now +
          ");"
          "INSERT INTO waxseal_limit VALUES (decode(repeat('01', 32), 'hex'), " +
          now +
          "000000), "
          "(decode(repeat('02', 32), 'hex'), " +
          now + "000001)");
  CHECK(storage.prune(PrunedRecords::changes) == 2);
  CHECK(storage.rows_of("SELECT account_id FROM waxseal_change ORDER BY 1") == "asked-again settled-lately ");
  CHECK(storage.prune(PrunedRecords::outbox) == 1);
  CHECK(storage.rows_of("SELECT address FROM waxseal_outbox ORDER BY id") == "waits just-sent ");
  CHECK(storage.prune(PrunedRecords::remembered_links) == 1);
  CHECK(storage.prune(PrunedRecords::limits) == 1);
  CHECK(storage.rows_of("SELECT forget_after FROM waxseal_used_link") == now + " ");
}
