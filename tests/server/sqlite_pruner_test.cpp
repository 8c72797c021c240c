// What is forgotten and what is kept, on a real file, in batches smaller than the tables.

#include <set>

#include "adapters/sqlite/sqlite_pruner.hpp"
#include "storages.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

constexpr std::chrono::hours day{24};
const PruneBounds bounds{noon, noon - 7 * day, noon};

struct PrunedStorage : SqliteStorage {
  void execute(const std::string& sql) {
    must(database.run([&](SqliteConnection& connection) -> Result<void> {
      connection.database().exec(sql);
      return {};
    }));
  }
  std::string rows_of(const std::string& sql) {
    return must(database.run([&](SqliteConnection& connection) -> Result<std::string> {
      std::string rows;
      SQLite::Statement& select = connection.prepare(sql);
      while (select.executeStep()) rows += select.getColumn(0).getString() + " ";
      return rows;
    }));
  }
  std::int64_t prune(PrunedRecords records, PruneMode mode = PruneMode::delete_them) {
    return must(pruner.prune(records, bounds, mode, [&](const PruneProgress& so_far) { progress.push_back(so_far); }));
  }

  SqlitePruner pruner{database};
  std::vector<PruneProgress> progress;
};

std::string at(UnixTime time) { return std::to_string(to_unix_s(time)); }

/// Rows of the audit, `age` seconds before noon, one each.
void add_audit(PrunedStorage& storage, int count, std::chrono::seconds age) {
  storage.execute(
      "INSERT INTO waxseal_audit (at, event, account_id, link_version, old_email, new_email) "
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
      std::to_string(count) + ") SELECT " + at(noon - age) + ", 'applied', i, 1, 'a', 'b' FROM n");
}

void add_change(PrunedStorage& storage, const std::string& id, const std::string& outcome, UnixTime requested,
                const std::string& settled, const std::string& asked_again = "NULL") {
  storage.execute("INSERT INTO waxseal_change VALUES ('" + id + "', 1, 'a', 'b', '" + outcome + "', " + at(requested) +
                  ", " + settled + ", " + asked_again + ")");
}

}  // namespace

TEST_CASE("The audit is forgotten from its bound on, in batches, wherever the old rows stand") {
  PrunedStorage storage;
  add_audit(storage, 1500, std::chrono::seconds{1});
  add_audit(storage, 1, std::chrono::seconds{0});
  add_audit(storage, 1200, 30 * day);
  CHECK(storage.prune(PrunedRecords::audit) == 2700);
  CHECK(storage.rows_of("SELECT at FROM waxseal_audit") == at(noon) + " ");
  REQUIRE(storage.progress.size() == 3);
  CHECK(storage.progress[0].deleted == 1000);
  CHECK(storage.progress[2].looked_at == 2701);
  CHECK(storage.progress[2].rows == 2701);
  CHECK(storage.prune(PrunedRecords::audit) == 0);
}

TEST_CASE("Counting tells the same number and deletes nothing") {
  PrunedStorage storage;
  add_audit(storage, 1500, day);
  add_audit(storage, 10, std::chrono::seconds{0});
  const std::string before = dump_sqlite(storage.file());
  CHECK(storage.prune(PrunedRecords::audit, PruneMode::count_them) == 1500);
  CHECK(dump_sqlite(storage.file()) == before);
  CHECK(storage.prune(PrunedRecords::audit) == 1500);
}

TEST_CASE("Of the outbox what is settled goes, and what waits stays, however old") {
  PrunedStorage storage;
  const auto add = [&](const std::string& name, const std::string& state, const std::string& due,
                       const std::string& settled) {
    storage.execute(
        "INSERT INTO waxseal_outbox (kind, account_id, address, link_version, language, message_token, created_at, "
        "due_at, state, settled_at) VALUES ('verify_email', '1', '" +
        name + "', 1, 'en', '" + name + "', 5, " + due + ", '" + state + "', " + settled + ")");
  };
  add("waits", "queued", "5", "NULL");
  for (const std::string state : {"sent", "dropped", "dead"}) {
    add("old-" + state, state, "NULL", at(noon - day));
    add("new-" + state, state, "NULL", at(noon));
  }
  CHECK(storage.prune(PrunedRecords::outbox) == 3);
  CHECK(storage.rows_of("SELECT address FROM waxseal_outbox ORDER BY id") == "waits new-sent new-dropped new-dead ");
}

TEST_CASE("A change record is kept as long as a link on it may hold, counted from what happened last") {
  PrunedStorage storage;
  const UnixTime old = noon - 8 * day;
  add_change(storage, "settled-long-ago", "applied", old, at(old));
  add_change(storage, "settled-lately", "applied", old, at(noon - 7 * day));
  add_change(storage, "asked-long-ago", "pending", old, "NULL");
  add_change(storage, "asked-again-lately", "pending", old, "NULL", at(noon - day));
  add_change(storage, "asked-lately", "pending", noon - day, "NULL");
  CHECK(storage.prune(PrunedRecords::changes) == 2);
  CHECK(storage.rows_of("SELECT account_id FROM waxseal_change ORDER BY account_id") ==
        "asked-again-lately asked-lately settled-lately ");
}

TEST_CASE("All change records of one account are found, though a batch ends in their midst") {
  PrunedStorage storage;
  storage.execute(
      "INSERT INTO waxseal_change WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3500) "
      "SELECT 'account ' || (i / 1400), i, 'a', 'b', 'superseded', 1, iif(i % 2, 1, " +
      at(noon) + "), NULL FROM n");
  CHECK(storage.prune(PrunedRecords::changes) == 1750);
  CHECK(storage.rows_of("SELECT count(*) FROM waxseal_change") == "1750 ");
  CHECK(storage.progress.back().looked_at == 3500);
}

TEST_CASE("A request that is asked again keeps its record; the answer to its link is the same after a pruning") {
  PrunedStorage storage;
  add_account(storage, "1", "a@x.example");
  ChangeRequest request = request_for("1", "b@x.example");
  request.now = noon - 30 * day;
  const LinkVersion version = storage.store.request_change(request).value();
  request.now = noon - day;
  REQUIRE(storage.store.request_change(request).value() == version);
  CHECK(storage.prune(PrunedRecords::changes) == 0);
  CHECK(must(storage.store.apply(change_to("1", "a@x.example", "b@x.example", version))) == ApplyResult::applied);
}

TEST_CASE("Remembered links are forgotten when they expired, limits when nothing of them is used") {
  PrunedStorage storage;
  const auto add = [&](int number, const std::string& forget_after, const std::string& used_till_us) {
    const std::string blob = "zeroblob(31) || char(" + std::to_string(number) + ")";
    storage.execute("INSERT INTO waxseal_used_link VALUES (CAST(" + blob + " AS BLOB), " + forget_after + ")");
    storage.execute("INSERT INTO waxseal_limit VALUES (CAST(" + blob + " AS BLOB), " + used_till_us + ")");
  };
  add(1, at(noon - std::chrono::seconds{1}), at(noon) + "000000");
  add(2, at(noon), at(noon) + "000001");
  CHECK(storage.prune(PrunedRecords::remembered_links) == 1);
  CHECK(storage.prune(PrunedRecords::limits) == 1);
  CHECK(storage.rows_of("SELECT forget_after FROM waxseal_used_link") == at(noon) + " ");
  CHECK(storage.rows_of("SELECT used_till_us FROM waxseal_limit") == at(noon) + "000001 ");
}

TEST_CASE("Pruning leaves a server that writes at the same time its turns") {
  PrunedStorage storage;
  add_account(storage, "1", "a@x.example");
  add_audit(storage, 4500, day);
  SqliteDatabase other{storage.file().string(), 1};
  SqliteStore store{other};
  int asked = 0;
  must(storage.pruner.prune(PrunedRecords::audit, bounds, PruneMode::delete_them, [&](const PruneProgress&) {
    // From within, between two batches: were a transaction left open, this would fail as busy.
    if (store.request_change(request_for("1", "b" + std::to_string(asked) + "@x.example"))) ++asked;
  }));
  CHECK(asked == 5);
}
