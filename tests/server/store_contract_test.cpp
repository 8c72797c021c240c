// What every store must do, whatever it is made of. The cases that race are in store_race_test.cpp.

#include "every_storage.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

/// What only a table of our own can promise: who adds accounts and tokens asks us.
#define OWN_STORE_TEST_CASE CONTRACT_TEST_CASE

namespace {

constexpr LinkVersion first_version = 1700000000;  // of an account that asks at `noon`

template <typename Storage>
ChangeOutcome outcome_of(Storage& storage, const std::string& id, LinkVersion version) {
  return storage.accounts().find_change(id, version).value().value().outcome;
}

template <typename Storage>
std::string email_of(Storage& storage, const std::string& id) {
  return storage.accounts().find_account(id).value().value().email;
}

template <typename Storage>
LinkVersion ask(Storage& storage, const ChangeRequest& request) {
  return storage.accounts().request_change(request).value();
}

template <typename Storage>
ApplyResult apply(Storage& storage, const ChangeToApply& change) {
  return storage.accounts().apply(change).value();
}

ChangeRequest with_older_kept(ChangeRequest request) {
  request.latest_only = LatestOnly::no;
  return request;
}

ChangeToApply with_older_kept(ChangeToApply change) {
  change.latest_only = LatestOnly::no;
  return change;
}

ChangeToApply remembering(ChangeToApply change, std::uint8_t number, UnixTime forget_after) {
  change.remember = ChangeToApply::RememberedLink{fingerprint(number), forget_after};
  return change;
}

/// Applies and demands that it is refused with `expected` and that nothing at all is different afterwards.
template <typename Storage>
void check_refused(Storage& storage, const ChangeToApply& change, ApplyResult expected) {
  const std::vector<std::string> ids = {"1", "2"};
  const std::vector<std::string> keys = {"a@x.example", "b@x.example", "c@x.example", "two@x.example"};
  const std::string before = state_of(storage, ids, keys);
  CHECK(apply(storage, change) == expected);
  CHECK(state_of(storage, ids, keys) == before);
}

template <typename Storage>
void add_one_and_two(Storage& storage) {
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "two@x.example");
}

}  // namespace

STORE_TEST_CASE("A store that is ready says so", "") {
  TestType storage;
  CHECK(storage.accounts().check_ready());
}

STORE_TEST_CASE("An account that was added is found as it was given", "") {
  TestType storage;
  add_account(storage, "1", "Ada@X.example");
  add_account(storage, "2", "", false);
  const auto ada = storage.accounts().find_account("1").value();
  REQUIRE(ada);
  CHECK(ada->id == "1");
  CHECK(ada->email == "Ada@X.example");
  CHECK(ada->active);
  CHECK(ada->credential == storage.configured_credential);
  const auto inactive = storage.accounts().find_account("2").value();
  REQUIRE(inactive);
  CHECK(inactive->email.empty());
  CHECK_FALSE(inactive->active);
}

STORE_TEST_CASE("An account is found by its whole id only", "") {
  TestType storage;
  add_account(storage, "12", "a@x.example");
  for (const char* id : {"1", "2", "123", "012", " 12", "12 ", "", "%", "12' OR '1'='1"}) {
    INFO(id);
    CHECK_FALSE(storage.accounts().find_account(id).value());
  }
  CHECK_FALSE(storage.accounts().find_account(std::string_view{"12\0", 3}).value());
}

OWN_STORE_TEST_CASE("An id is taken once", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const auto again = storage.admin().add_account({"1", "b@x.example", "b@x.example", true});
  REQUIRE_FALSE(again);
  CHECK(again.error().code == ErrorCode::invalid_fields);
  CHECK(email_of(storage, "1") == "a@x.example");
  CHECK_FALSE(is_taken(storage, "b@x.example"));
}

OWN_STORE_TEST_CASE("Two accounts cannot be added with one uniqueness key", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const auto second = storage.admin().add_account({"2", "A@x.example", "a@x.example", true});
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::email_already_registered);
  CHECK_FALSE(storage.accounts().find_account("2").value());
}

OWN_STORE_TEST_CASE("Accounts without uniqueness keys may share an address", "") {
  TestType storage;
  CHECK(storage.admin().add_account({"1", "a@x.example", std::nullopt, true}));
  CHECK(storage.admin().add_account({"2", "a@x.example", std::nullopt, true}));
  CHECK_FALSE(is_taken(storage, "a@x.example"));
}

STORE_TEST_CASE("An address is taken when some account holds its key", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  CHECK(is_taken(storage, "a@x.example"));
  CHECK_FALSE(is_taken(storage, "b@x.example"));
}

OWN_STORE_TEST_CASE("A token signs in as the account that it was given to, beside older ones", "") {
  TestType storage;
  add_one_and_two(storage);
  REQUIRE(storage.admin().add_token("1", hash_of_token("token 1"), noon));
  REQUIRE(storage.admin().add_token("1", hash_of_token("token 2"), noon));
  REQUIRE(storage.admin().add_token("2", hash_of_token("token 3"), noon));
  CHECK(storage.accounts().find_account_by_token("token 1").value().value().id == "1");
  CHECK(storage.accounts().find_account_by_token("token 2").value().value().id == "1");
  CHECK(storage.accounts().find_account_by_token("token 3").value().value().id == "2");
  CHECK_FALSE(storage.accounts().find_account_by_token("token 4").value());
}

OWN_STORE_TEST_CASE("A token of an inactive account still finds it, so that the refusal can say why", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example", false);
  REQUIRE(storage.admin().add_token("1", hash_of_token("token 1"), noon));
  const auto account = storage.accounts().find_account_by_token("token 1").value();
  REQUIRE(account);
  CHECK_FALSE(account->active);
}

OWN_STORE_TEST_CASE("A token is nobody else's afterwards and may be given to its account again", "") {
  TestType storage;
  add_one_and_two(storage);
  REQUIRE(storage.admin().add_token("1", hash_of_token("token 1"), noon));
  CHECK(storage.admin().add_token("1", hash_of_token("token 1"), noon));
  const auto stolen = storage.admin().add_token("2", hash_of_token("token 1"), noon);
  REQUIRE_FALSE(stolen);
  CHECK(stolen.error().code == ErrorCode::invalid_token);
  CHECK(storage.accounts().find_account_by_token("token 1").value().value().id == "1");
}

OWN_STORE_TEST_CASE("An account may be added together with its token", "") {
  TestType storage;
  must(storage.admin().add_account({"1", "a@x.example", "a@x.example", true, hash_of_token("token 1"), noon}));
  CHECK(storage.accounts().find_account_by_token("token 1").value().value().id == "1");
}

OWN_STORE_TEST_CASE("An account whose token is another account's is not added at all", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  must(storage.admin().add_token("1", hash_of_token("token 1"), noon));
  const auto added =
      storage.admin().add_account({"2", "b@x.example", "b@x.example", true, hash_of_token("token 1"), noon});
  REQUIRE_FALSE(added);
  CHECK(added.error().code == ErrorCode::invalid_token);
  CHECK_FALSE(storage.accounts().find_account("2").value());
  CHECK_FALSE(is_taken(storage, "b@x.example"));
  CHECK(storage.accounts().find_account_by_token("token 1").value().value().id == "1");
}

OWN_STORE_TEST_CASE("An account that is refused leaves its token to nobody", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  CHECK_FALSE(storage.admin().add_account({"1", "b@x.example", "b@x.example", true, hash_of_token("token 1"), noon}));
  CHECK_FALSE(storage.admin().add_account({"2", "a@x.example", "a@x.example", true, hash_of_token("token 2"), noon}));
  CHECK_FALSE(storage.accounts().find_account_by_token("token 1").value());
  CHECK_FALSE(storage.accounts().find_account_by_token("token 2").value());
}

OWN_STORE_TEST_CASE("A token for an account that is not there is refused", "") {
  TestType storage;
  const auto added = storage.admin().add_token("9", hash_of_token("token 1"), noon);
  REQUIRE_FALSE(added);
  CHECK(added.error().code == ErrorCode::user_not_found);
  CHECK_FALSE(storage.accounts().find_account_by_token("token 1").value());
}

STORE_TEST_CASE("An account that never asked has version 0 and nothing pending", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  for (const char* id : {"1", "no such account"}) {
    const LinkState state = storage.accounts().link_state(id).value();
    CHECK(state.version == 0);
    CHECK_FALSE(state.pending_email);
  }
  CHECK_FALSE(storage.accounts().find_change("1", 0).value());
}

STORE_TEST_CASE("A request opens a record and leaves the address in force", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = ask(storage, request_for("1", "b@x.example"));
  const LinkState state = storage.accounts().link_state("1").value();
  CHECK(state.version == version);
  CHECK(state.pending_email == "b@x.example");
  const auto change = storage.accounts().find_change("1", version).value();
  REQUIRE(change);
  CHECK(change->version == version);
  CHECK(change->old_email == "a@x.example");
  CHECK(change->new_email == "b@x.example");
  CHECK(change->outcome == ChangeOutcome::pending);
  CHECK(email_of(storage, "1") == "a@x.example");
  CHECK_FALSE(is_taken(storage, "b@x.example"));
}

STORE_TEST_CASE("Asking again for the pending address keeps the version and its record", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = ask(storage, request_for("1", "b@x.example"));
  CHECK(ask(storage, request_for("1", "b@x.example")) == version);
  const LinkState links = storage.accounts().link_state("1").value();
  CHECK(links.version == version);
  CHECK(links.pending_email == "b@x.example");
  CHECK(outcome_of(storage, "1", version) == ChangeOutcome::pending);
  CHECK_FALSE(storage.accounts().find_change("1", version + 1).value());
}

STORE_TEST_CASE("Asking for another address raises the version and supersedes the pending change", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion older = ask(storage, request_for("1", "b@x.example"));
  const LinkVersion newer = ask(storage, request_for("1", "c@x.example"));
  CHECK(newer == older + 1);
  CHECK(outcome_of(storage, "1", older) == ChangeOutcome::superseded);
  CHECK(outcome_of(storage, "1", newer) == ChangeOutcome::pending);
  CHECK(storage.accounts().link_state("1").value().pending_email == "c@x.example");
}

STORE_TEST_CASE("Asking for an address that differs in letter case is asking for another one", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion older = ask(storage, request_for("1", "b@x.example"));
  CHECK(ask(storage, request_for("1", "B@x.example")) == older + 1);
}

STORE_TEST_CASE("Coming back to an address that was superseded is a new version", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion first = ask(storage, request_for("1", "b@x.example"));
  ask(storage, request_for("1", "c@x.example"));
  CHECK(ask(storage, request_for("1", "b@x.example")) == first + 2);
  CHECK(outcome_of(storage, "1", first) == ChangeOutcome::superseded);
}

STORE_TEST_CASE("Without latest_only an older request stays pending", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion older = ask(storage, with_older_kept(request_for("1", "b@x.example")));
  const LinkVersion newer = ask(storage, with_older_kept(request_for("1", "c@x.example")));
  CHECK(newer == older + 1);
  CHECK(outcome_of(storage, "1", older) == ChangeOutcome::pending);
  CHECK(outcome_of(storage, "1", newer) == ChangeOutcome::pending);
}

STORE_TEST_CASE("Versions of one account do not touch those of another", "") {
  TestType storage;
  add_one_and_two(storage);
  const LinkVersion one = ask(storage, request_for("1", "b@x.example"));
  const LinkVersion two = ask(storage, request_for("2", "c@x.example"));
  ask(storage, request_for("2", "d@x.example"));
  CHECK(outcome_of(storage, "1", one) == ChangeOutcome::pending);
  CHECK(outcome_of(storage, "2", two) == ChangeOutcome::superseded);
  CHECK_FALSE(storage.accounts().find_change("1", two + 1).value());
}

STORE_TEST_CASE("A request of an account that is not there is refused and queues nothing", "") {
  TestType storage;
  const auto version = storage.accounts().request_change(mailed_request("9", "b@x.example", "t"));
  REQUIRE_FALSE(version);
  CHECK(version.error().code == ErrorCode::user_not_found);
  CHECK(storage.accounts().link_state("9").value().version == 0);
  CHECK_FALSE(storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::seconds{60}).value());
}

STORE_TEST_CASE("The first version of an account is one that no lost record can have had", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  CHECK(ask(storage, request_for("1", "b@x.example")) == first_version);
}

STORE_TEST_CASE("A change that still holds is applied, its record closed and the version raised", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = ask(storage, request_for("1", "b@x.example"));
  CHECK(apply(storage, change_to("1", "a@x.example", "b@x.example", version)) == ApplyResult::applied);
  CHECK(email_of(storage, "1") == "b@x.example");
  CHECK(outcome_of(storage, "1", version) == ChangeOutcome::applied);
  const LinkState state = storage.accounts().link_state("1").value();
  CHECK(state.version == version + 1);
  CHECK_FALSE(state.pending_email);
  CHECK(is_taken(storage, "b@x.example"));
  CHECK_FALSE(is_taken(storage, "a@x.example"));
}

STORE_TEST_CASE("A request after an applied change has a version that no link ever had", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = ask(storage, request_for("1", "b@x.example"));
  apply(storage, change_to("1", "a@x.example", "b@x.example", version));
  CHECK(ask(storage, request_for("1", "c@x.example")) == version + 2);
  CHECK(storage.accounts().find_change("1", version + 2).value().value().old_email == "b@x.example");
}

STORE_TEST_CASE("A change without a version is applied, raises the version and voids what was pending", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion pending = ask(storage, request_for("1", "b@x.example"));
  CHECK(apply(storage, change_to("1", "a@x.example", "c@x.example")) == ApplyResult::applied);
  CHECK(email_of(storage, "1") == "c@x.example");
  CHECK(outcome_of(storage, "1", pending) == ChangeOutcome::superseded);
  CHECK(storage.accounts().link_state("1").value().version == pending + 1);
}

OWN_STORE_TEST_CASE("A change without a uniqueness key frees the one that the account held", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  ChangeToApply change = change_to("1", "a@x.example", "b@x.example");
  change.email_key.reset();
  CHECK(apply(storage, change) == ApplyResult::applied);
  CHECK_FALSE(is_taken(storage, "a@x.example"));
  CHECK_FALSE(is_taken(storage, "b@x.example"));
}

STORE_TEST_CASE("An account may change the letter case of an address whose key it holds", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  ChangeToApply change = change_to("1", "a@x.example", "A@x.example");
  change.email_key = "a@x.example";
  CHECK(apply(storage, change) == ApplyResult::applied);
  CHECK(email_of(storage, "1") == "A@x.example");
  CHECK(is_taken(storage, "a@x.example"));
}

STORE_TEST_CASE("A change is stale when the account is gone or has another address by now", "") {
  TestType storage;
  add_one_and_two(storage);
  const LinkVersion version = ask(storage, request_for("1", "b@x.example"));
  check_refused(storage, change_to("9", "a@x.example", "b@x.example"), ApplyResult::stale);
  check_refused(storage, change_to("1", "A@x.example", "b@x.example", version), ApplyResult::stale);
  check_refused(storage, change_to("1", "", "b@x.example"), ApplyResult::stale);
}

STORE_TEST_CASE("A change is stale when the password was changed since it was read", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  ChangeToApply change = change_to("1", "a@x.example", "b@x.example");
  change.credential = "another one";
  check_refused(storage, change, ApplyResult::stale);
  change.credential = storage.configured_credential;
  CHECK(storage.accounts().apply(change).value() == ApplyResult::applied);
}

STORE_TEST_CASE("A change that wants the account active is stale when it is not", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example", false);
  ChangeToApply change = change_to("1", "a@x.example", "b@x.example");
  change.require_active = RequireActive::yes;
  check_refused(storage, change, ApplyResult::stale);
  change.require_active = RequireActive::no;
  CHECK(apply(storage, change) == ApplyResult::applied);
}

STORE_TEST_CASE("A change that wants the account active is applied when it is", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  ChangeToApply change = change_to("1", "a@x.example", "b@x.example");
  change.require_active = RequireActive::yes;
  CHECK(apply(storage, change) == ApplyResult::applied);
}

STORE_TEST_CASE("A change is stale when no record has its version", "") {
  TestType storage;
  add_one_and_two(storage);
  const LinkVersion version = ask(storage, request_for("1", "b@x.example"));
  for (const LinkVersion other : {version - 1, version + 1, LinkVersion{0}, LinkVersion{4294967295U}}) {
    check_refused(storage, change_to("1", "a@x.example", "b@x.example", other), ApplyResult::stale);
  }
  check_refused(storage, with_older_kept(change_to("1", "a@x.example", "b@x.example", version + 1)),
                ApplyResult::stale);
}

STORE_TEST_CASE("A change is stale when the record of its version is for another address", "") {
  TestType storage;
  add_one_and_two(storage);
  const LinkVersion version = ask(storage, request_for("1", "b@x.example"));
  check_refused(storage, change_to("1", "a@x.example", "c@x.example", version), ApplyResult::stale);
  check_refused(storage, change_to("1", "a@x.example", "B@x.example", version), ApplyResult::stale);
}

STORE_TEST_CASE("A change is stale when the record of its version is another account's", "") {
  TestType storage;
  add_one_and_two(storage);
  ask(storage, request_for("2", "b@x.example"));
  const LinkVersion version = ask(storage, request_for("2", "c@x.example"));
  ask(storage, request_for("1", "c@x.example"));
  check_refused(storage, with_older_kept(change_to("1", "a@x.example", "c@x.example", version)), ApplyResult::stale);
}

STORE_TEST_CASE("A change that was superseded is stale", "") {
  TestType storage;
  add_one_and_two(storage);
  const LinkVersion older = ask(storage, request_for("1", "b@x.example"));
  ask(storage, request_for("1", "c@x.example"));
  check_refused(storage, change_to("1", "a@x.example", "b@x.example", older), ApplyResult::stale);
  check_refused(storage, with_older_kept(change_to("1", "a@x.example", "b@x.example", older)), ApplyResult::stale);
}

STORE_TEST_CASE("A change is applied once", "") {
  TestType storage;
  add_one_and_two(storage);
  const LinkVersion version = ask(storage, request_for("1", "b@x.example"));
  REQUIRE(apply(storage, change_to("1", "a@x.example", "b@x.example", version)) == ApplyResult::applied);
  check_refused(storage, change_to("1", "a@x.example", "b@x.example", version), ApplyResult::stale);
  check_refused(storage, change_to("1", "b@x.example", "b@x.example", version), ApplyResult::stale);
  check_refused(storage, with_older_kept(change_to("1", "b@x.example", "b@x.example", version)), ApplyResult::stale);
}

STORE_TEST_CASE("With latest_only a pending change of an older version is stale", "") {
  TestType storage;
  add_one_and_two(storage);
  const LinkVersion older = ask(storage, with_older_kept(request_for("1", "b@x.example")));
  ask(storage, with_older_kept(request_for("1", "c@x.example")));
  check_refused(storage, change_to("1", "a@x.example", "b@x.example", older), ApplyResult::stale);
}

STORE_TEST_CASE("Without latest_only a pending change of an older version is applied and voids the others", "") {
  TestType storage;
  add_one_and_two(storage);
  const LinkVersion older = ask(storage, with_older_kept(request_for("1", "b@x.example")));
  const LinkVersion newer = ask(storage, with_older_kept(request_for("1", "c@x.example")));
  const auto change = with_older_kept(change_to("1", "a@x.example", "b@x.example", older));
  CHECK(apply(storage, change) == ApplyResult::applied);
  CHECK(email_of(storage, "1") == "b@x.example");
  CHECK(outcome_of(storage, "1", older) == ChangeOutcome::applied);
  CHECK(outcome_of(storage, "1", newer) == ChangeOutcome::superseded);
  CHECK(storage.accounts().link_state("1").value().version == newer + 1);
}

STORE_TEST_CASE("A change to an address that another account holds is refused and stays pending", "") {
  TestType storage;
  add_one_and_two(storage);
  const LinkVersion version = ask(storage, request_for("1", "two@x.example"));
  check_refused(storage, change_to("1", "a@x.example", "two@x.example", version), ApplyResult::email_taken);
  check_refused(storage, change_to("1", "a@x.example", "two@x.example"), ApplyResult::email_taken);
  check_refused(storage, remembering(change_to("1", "a@x.example", "two@x.example"), 1, noon),
                ApplyResult::email_taken);
}

OWN_STORE_TEST_CASE("A change to an address in another spelling of a key that is held is refused", "") {
  TestType storage;
  add_one_and_two(storage);
  ChangeToApply change = change_to("1", "a@x.example", "TWO@x.example");
  change.email_key = "two@x.example";
  check_refused(storage, change, ApplyResult::email_taken);
}

STORE_TEST_CASE("An address that its holder gave up can be taken by another account", "") {
  TestType storage;
  add_one_and_two(storage);
  REQUIRE(apply(storage, change_to("2", "two@x.example", "c@x.example")) == ApplyResult::applied);
  CHECK(apply(storage, change_to("1", "a@x.example", "two@x.example")) == ApplyResult::applied);
}

STORE_TEST_CASE("A remembered link is refused the second time and changes nothing", "") {
  TestType storage;
  add_one_and_two(storage);
  const UnixTime later = noon + std::chrono::hours{1};
  REQUIRE(apply(storage, remembering(change_to("1", "a@x.example", "b@x.example"), 1, later)) == ApplyResult::applied);
  CHECK(storage.accounts().is_link_remembered(fingerprint(1)).value());
  CHECK_FALSE(storage.accounts().is_link_remembered(fingerprint(2)).value());
  check_refused(storage, remembering(change_to("1", "b@x.example", "c@x.example"), 1, later), ApplyResult::link_used);
}

STORE_TEST_CASE("A link that was refused is not remembered", "") {
  TestType storage;
  add_one_and_two(storage);
  const auto stale = remembering(change_to("1", "other@x.example", "b@x.example"), 1, noon);
  CHECK(apply(storage, stale) == ApplyResult::stale);
  CHECK_FALSE(storage.accounts().is_link_remembered(fingerprint(1)).value());
}

STORE_TEST_CASE("A remembered link is kept to the last second in which it holds", "") {
  TestType storage;
  add_one_and_two(storage);
  apply(storage, remembering(change_to("1", "a@x.example", "b@x.example"), 1, noon + std::chrono::seconds{5}));
  ChangeToApply other = remembering(change_to("2", "two@x.example", "c@x.example"), 2, noon + std::chrono::hours{1});
  other.now = noon + std::chrono::seconds{5};
  apply(storage, other);
  CHECK(storage.accounts().is_link_remembered(fingerprint(1)).value());
}

STORE_TEST_CASE("The mail of a request for a free address asks for the link", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = ask(storage, mailed_request("1", "b@x.example", "token"));
  const auto entry = storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::seconds{60}).value();
  REQUIRE(entry);
  CHECK(entry->kind == MailKind::verify_email);
  CHECK(entry->account_id == "1");
  CHECK(entry->address == "b@x.example");
  CHECK(entry->version == version);
  CHECK(entry->language == "en");
  CHECK(entry->message_token == "token");
  CHECK(entry->created_at == noon);
  CHECK(entry->attempts == 0);
}

STORE_TEST_CASE("The mail of a request for a taken address says that it is in use", "") {
  TestType storage;
  add_one_and_two(storage);
  const LinkVersion version = ask(storage, mailed_request("1", "two@x.example", "token"));
  const auto entry = storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::seconds{60}).value();
  REQUIRE(entry);
  CHECK(entry->kind == MailKind::email_in_use);
  CHECK(entry->address == "two@x.example");
  CHECK(entry->version == version);
}

STORE_TEST_CASE("One's own address is in use and another spelling of it is free", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  ask(storage, mailed_request("1", "a@x.example", "same"));
  ChangeRequest respelled = mailed_request("1", "A@x.example", "respelled");
  respelled.email_key = "a@x.example";
  ask(storage, respelled);
  CHECK(storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::seconds{60}).value().value().kind ==
        MailKind::email_in_use);
  CHECK(storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::seconds{60}).value().value().kind ==
        MailKind::verify_email);
}

STORE_TEST_CASE("Where addresses need not be unique every request gets its link", "") {
  TestType storage;
  add_one_and_two(storage);
  ChangeRequest request = mailed_request("1", "two@x.example", "token");
  request.email_key.reset();
  ask(storage, request);
  CHECK(storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::seconds{60}).value().value().kind ==
        MailKind::verify_email);
}

STORE_TEST_CASE("Each request queues a mail of its own, also for the same address", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  ask(storage, mailed_request("1", "b@x.example", "first"));
  ask(storage, mailed_request("1", "b@x.example", "second"));
  ask(storage, request_for("1", "b@x.example"));
  CHECK(storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::seconds{60}).value().value().message_token ==
        "first");
  CHECK(storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::seconds{60}).value().value().message_token ==
        "second");
  CHECK_FALSE(storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::seconds{60}).value());
}
