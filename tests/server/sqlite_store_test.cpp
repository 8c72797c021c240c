// What only the SQLite store has to do: uniqueness claims, and rows that were lost.

#include "adapters/sqlite/sqlite_store.hpp"

#include <waxseal/email_address.hpp>

#include "storages.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

using KeyOf = std::function<std::optional<std::string>(std::string_view)>;

const KeyOf no_key = [](std::string_view) { return std::nullopt; };
const KeyOf exact_key = [](std::string_view email) { return std::string{email}; };
const KeyOf canonical_key = [](std::string_view email) { return canonical_email(email, {}); };

void execute(SqliteStorage& storage, const std::string& sql) {
  storage.database.run([&](SqliteConnection& connection) -> Result<int> { return connection.database().exec(sql); })
      .value();
}

bool taken(SqliteStorage& storage, const std::string& key) {
  const std::string row = "\n|" + key + "|";
  return dump_sqlite(storage.file()).find(row) != std::string::npos;
}

}  // namespace

TEST_CASE("Claims are made when the configuration begins to want them") {
  SqliteStorage storage;
  REQUIRE(storage.admin().add_account({"1", "Ada@x.example", std::nullopt, true}));
  REQUIRE(storage.store.reconcile_claims("canonical", canonical_key));
  CHECK(taken(storage, "ada@x.example"));
  CHECK_FALSE(taken(storage, "Ada@x.example"));
}

TEST_CASE("Claims are made anew when the configuration compares addresses otherwise") {
  SqliteStorage storage;
  REQUIRE(storage.admin().add_account({"1", "Ada@x.example", std::nullopt, true}));
  REQUIRE(storage.store.reconcile_claims("canonical", canonical_key));
  REQUIRE(storage.store.reconcile_claims("exact", exact_key));
  CHECK(taken(storage, "Ada@x.example"));
  CHECK_FALSE(taken(storage, "ada@x.example"));
  REQUIRE(storage.store.reconcile_claims("none", no_key));
  CHECK_FALSE(taken(storage, "Ada@x.example"));
}

TEST_CASE("Claims that are of the basis wanted are not read again") {
  SqliteStorage storage;
  REQUIRE(storage.store.reconcile_claims("canonical", canonical_key));
  int asked = 0;
  add_account(storage, "1", "a@x.example");
  REQUIRE(storage.store.reconcile_claims("canonical", [&](std::string_view email) {
    ++asked;
    return std::optional{std::string{email}};
  }));
  CHECK(asked == 0);
  CHECK(taken(storage, "a@x.example"));
}

TEST_CASE("Accounts that share an address are named and the claims stay as they were") {
  SqliteStorage storage;
  REQUIRE(storage.admin().add_account({"first", "Ada@x.example", std::nullopt, true}));
  REQUIRE(storage.admin().add_account({"second", "ada@x.example", std::nullopt, true}));
  REQUIRE(storage.store.reconcile_claims("exact", exact_key));
  const std::string before = dump_sqlite(storage.file());
  const auto refused = storage.store.reconcile_claims("canonical", canonical_key);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::email_already_registered);
  CHECK(refused.error().log_detail.find("second") != std::string::npos);
  CHECK(dump_sqlite(storage.file()) == before);
  CHECK(storage.store.reconcile_claims("exact", exact_key));
}

TEST_CASE("After its rows were lost an account never gets a version that an old link carries") {
  const char* losses[] = {
      "DELETE FROM waxseal_link_state; DELETE FROM waxseal_change",
      "DELETE FROM waxseal_link_state",
      "DELETE FROM waxseal_change",
  };
  for (const char* loss : losses) {
    INFO(loss);
    SqliteStorage storage;
    add_account(storage, "1", "a@x.example");
    LinkVersion newest_lost = 0;
    for (const char* email : {"b@x.example", "c@x.example", "d@x.example"}) {
      newest_lost = storage.accounts().request_change(request_for("1", email)).value();
    }
    execute(storage, loss);
    ChangeRequest request = request_for("1", "b@x.example");
    request.now = noon + std::chrono::minutes{1};
    CHECK(storage.accounts().request_change(request).value() > newest_lost);
    for (LinkVersion version = newest_lost - 2; version <= newest_lost; ++version) {
      INFO(version);
      CHECK(storage.accounts().apply(change_to("1", "a@x.example", "b@x.example", version)) == ApplyResult::stale);
    }
  }
}

TEST_CASE("A link whose record was lost is stale before anybody asks again") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = storage.accounts().request_change(request_for("1", "b@x.example")).value();
  execute(storage, "DELETE FROM waxseal_link_state");
  CHECK(storage.accounts().apply(change_to("1", "a@x.example", "b@x.example", version)) == ApplyResult::stale);
  execute(storage, "DELETE FROM waxseal_change");
  CHECK(storage.accounts().apply(change_to("1", "a@x.example", "b@x.example", version)) == ApplyResult::stale);
  CHECK(storage.accounts().find_account("1").value().value().email == "a@x.example");
}

TEST_CASE("Links that expired by themselves are forgotten") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  ChangeToApply change = change_to("1", "a@x.example", "b@x.example");
  change.remember = ChangeToApply::RememberedLink{fingerprint(1), noon};
  REQUIRE(storage.accounts().apply(change) == ApplyResult::applied);
  change = change_to("1", "b@x.example", "c@x.example");
  change.remember = ChangeToApply::RememberedLink{fingerprint(2), noon + std::chrono::hours{1}};
  change.now = noon + std::chrono::seconds{1};
  REQUIRE(storage.accounts().apply(change) == ApplyResult::applied);
  CHECK_FALSE(storage.accounts().is_link_remembered(fingerprint(1)).value());
  CHECK(storage.accounts().is_link_remembered(fingerprint(2)).value());
}

TEST_CASE("What was stored is there for the next program") {
  TempFolder folder;
  const std::string file = (folder / "waxseal.db").string();
  LinkVersion version = 0;
  {
    SqliteDatabase database{file, 1};
    REQUIRE(migrate_sqlite(database));
    SqliteStore store{database};
    REQUIRE(store.add_account({"1", "a@x.example", "a@x.example", true}));
    version = store.request_change(mailed_request("1", "b@x.example", "token")).value();
  }
  SqliteDatabase database{file, 1};
  CHECK(SqliteStore{database}.link_state("1").value().version == version);
  CHECK(SqliteOutbox{database}
            .claim_next(OutboxQueue::mails, noon, std::chrono::seconds{1})
            .value()
            .value()
            .message_token == "token");
}

TEST_CASE("The reason of a mail that was given up stays for the operator") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  REQUIRE(storage.accounts().request_change(mailed_request("1", "b@x.example", "token")));
  const std::int64_t id =
      storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::seconds{1}).value().value().id;
  REQUIRE(storage.outbox().mark_dead(id, noon, "550 no such mailbox"));
  const std::string rows = dump_sqlite(storage.file());
  CHECK(rows.find("dead|550 no such mailbox|") != std::string::npos);
}
