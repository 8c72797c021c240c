// One address, one account, on a table that others write as well.

#include "adopted_storage.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// Two accounts that were there at the start.
struct TwoAccounts : IntegerStorage {
  TwoAccounts() {
    add_account(*this, "1", "a@x.example");
    add_account(*this, "2", "Two@X.example");
    must(store.reconcile_claims("canonical", canonical_key));
  }
  ApplyResult change(const std::string& id, const std::string& from, const std::string& to) {
    ChangeToApply change = change_to(id, from, to);
    change.email_key = canonical_key(to);
    return store.apply(change).value();
  }
  MailKind mail_for(const std::string& id, const std::string& email) {
    ChangeRequest request = mailed_request(id, email, "token for " + email);
    request.email_key = canonical_key(email);
    must(store.request_change(request));
    return mails.claim_next(OutboxQueue::mails, noon, std::chrono::hours{1}).value().value().kind;
  }
};

}  // namespace

TEST_CASE_METHOD(TwoAccounts, "An address of another account is taken in any spelling", "[adopted]") {
  const std::string before = dump_sqlite(file());
  CHECK(change("1", "a@x.example", "two@x.example") == ApplyResult::email_taken);
  CHECK(change("1", "a@x.example", "Two@X.example") == ApplyResult::email_taken);
  CHECK(dump_sqlite(file()) == before);
  CHECK(mail_for("1", "two@x.example") == MailKind::email_in_use);
}

TEST_CASE_METHOD(TwoAccounts, "An address that another writer took away from its holder is free", "[adopted]") {
  execute(database, "UPDATE auth_user SET email = 'elsewhere@x.example' WHERE id = 2");
  CHECK(mail_for("1", "two@x.example") == MailKind::verify_email);
  CHECK(change("1", "a@x.example", "two@x.example") == ApplyResult::applied);
  CHECK(change("2", "elsewhere@x.example", "TWO@x.example") == ApplyResult::email_taken);
}

TEST_CASE_METHOD(TwoAccounts, "An address of a deleted account is free", "[adopted]") {
  execute(database, "DELETE FROM auth_user WHERE id = 2");
  CHECK(change("1", "a@x.example", "two@x.example") == ApplyResult::applied);
}

TEST_CASE_METHOD(TwoAccounts, "The very address that another writer gave to an account is taken", "[adopted]") {
  execute(database, "UPDATE auth_user SET email = 'new@x.example' WHERE id = 2");
  CHECK(change("1", "a@x.example", "new@x.example") == ApplyResult::email_taken);
  CHECK(mail_for("1", "new@x.example") == MailKind::email_in_use);
  CHECK(change("2", "new@x.example", "NEW@x.example") == ApplyResult::applied);
}

TEST_CASE_METHOD(TwoAccounts, "Another spelling that another writer gave is taken from the next start on",
                 "[adopted]") {
  execute(database, "UPDATE auth_user SET email = 'New@x.example' WHERE id = 2");
  must(store.reconcile_claims("canonical", canonical_key));
  CHECK(change("1", "a@x.example", "new@x.example") == ApplyResult::email_taken);
}

TEST_CASE_METHOD(TwoAccounts, "Accounts that share an address refuse the start and are named", "[adopted]") {
  execute(database, "UPDATE auth_user SET email = 'TWO@x.example' WHERE id = 1");
  const std::string before = dump_sqlite(file());
  const auto refused = store.reconcile_claims("canonical", canonical_key);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::email_already_registered);
  CHECK(refused.error().log_detail.find("users.email_unique: the accounts 1 and 2 have one address") == 0);
  CHECK(dump_sqlite(file()) == before);
  CHECK(store.reconcile_claims("none", [](std::string_view) { return std::nullopt; }));
}

TEST_CASE_METHOD(TwoAccounts, "Accounts without an address share nothing", "[adopted]") {
  execute(database, "UPDATE auth_user SET email = ''");
  CHECK(store.reconcile_claims("canonical", canonical_key));
  CHECK(store.reconcile_claims("exact", [](std::string_view email) { return std::optional{std::string{email}}; }));
}

TEST_CASE("An account without an id is refused at start where its address must be unique", "[adopted]") {
  TempFolder folder;
  SqliteDatabase database{(folder / "db").string(), 1};
  execute(database, R"(
    CREATE TABLE person (id INTEGER PRIMARY KEY, public_id char(32) UNIQUE, email TEXT);
    INSERT INTO person VALUES (1, NULL, ''), (2, '0f0e0d0c0b0a09080706050403020100', 'b@x.example'))");
  const AccountTables tables{"person", "public_id", "email", "", "", ""};
  must(migrate_sqlite(database, tables));
  SqliteStore store{database, tables};
  must(store.reconcile_claims("canonical", canonical_key));
  execute(database, "UPDATE person SET email = 'a@x.example' WHERE id = 1");
  CHECK(store.apply(change_to("0f0e0d0c-0b0a-0908-0706-050403020100", "b@x.example", "a@x.example")) ==
        ApplyResult::email_taken);
  const auto refused = store.reconcile_claims("canonical", canonical_key);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().log_detail.find("users.id_column: an account with an address has no id") == 0);
  CHECK(store.reconcile_claims("none", [](std::string_view) { return std::nullopt; }));
}

TEST_CASE_METHOD(TwoAccounts, "A unique index of the adopted table is believed", "[adopted]") {
  execute(database, "CREATE UNIQUE INDEX site_email ON auth_user (email COLLATE NOCASE)");
  must(store.reconcile_claims("none", [](std::string_view) { return std::nullopt; }));
  const std::string before = dump_sqlite(file());
  ChangeToApply change = change_to("1", "a@x.example", "two@x.example");
  change.email_key.reset();
  change.remember = ChangeToApply::RememberedLink{fingerprint(1), noon};
  CHECK(store.apply(change) == ApplyResult::email_taken);
  CHECK(dump_sqlite(file()) == before);
}

TEST_CASE_METHOD(TwoAccounts, "Another constraint of the adopted table is an error, not a taken address", "[adopted]") {
  execute(database, R"(
    CREATE TRIGGER site_rule BEFORE UPDATE ON auth_user BEGIN SELECT raise(ABORT, 'not today'); END)");
  const auto applied = store.apply(change_to("1", "a@x.example", "b@x.example"));
  REQUIRE_FALSE(applied);
  CHECK(applied.error().code == ErrorCode::internal);
  CHECK(store.find_account("1").value().value().email == "a@x.example");
}

TEST_CASE("Where addresses are compared exactly, a column that ignores case makes no difference", "[adopted]") {
  TempFolder folder;
  SqliteDatabase database{(folder / "db").string(), 1};
  execute(database, R"(
    CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE);
    INSERT INTO person VALUES (1, 'a@x.example'), (2, 'B@x.example'))");
  const AccountTables tables{"person", "id", "email", "", "", ""};
  must(migrate_sqlite(database, tables));
  SqliteStore store{database, tables};
  must(store.reconcile_claims("exact", [](std::string_view email) { return std::optional{std::string{email}}; }));
  CHECK(store.apply(change_to("1", "A@x.example", "c@x.example")) == ApplyResult::stale);
  CHECK(store.apply(change_to("1", "a@x.example", "B@x.example")) == ApplyResult::email_taken);
  CHECK(store.apply(change_to("1", "a@x.example", "b@x.example")) == ApplyResult::applied);
}
