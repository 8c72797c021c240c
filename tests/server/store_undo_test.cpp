// What every store must do to tell the address in force of a request, and to take a change back.

#include "every_storage.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

constexpr LinkVersion first_version = 1700000000;  // of an account that asks at `noon`

template <typename Storage>
ChangeOutcome outcome_of(Storage& storage, LinkVersion version) {
  return storage.accounts().find_change("1", version).value().value().outcome;
}

template <typename Storage>
std::string email_of(Storage& storage, const std::string& id = "1") {
  return storage.accounts().find_account(id).value().value().email;
}

template <typename Storage>
LinkVersion version_of(Storage& storage) {
  return storage.accounts().link_state("1").value().version;
}

template <typename Storage>
LinkVersion ask(Storage& storage, const std::string& email, LatestOnly latest_only = LatestOnly::yes) {
  ChangeRequest request = request_for("1", email);
  request.latest_only = latest_only;
  return storage.accounts().request_change(request).value();
}

ChangeRequest with_notice(ChangeRequest request, const std::string& token) {
  request.notice = NoticeOrder{"pt", token};
  return request;
}

/// Asks for the address and presses its link.
template <typename Storage>
LinkVersion change(Storage& storage, const std::string& from, const std::string& to) {
  const LinkVersion version = ask(storage, to);
  REQUIRE(storage.accounts().apply(change_to("1", from, to, version)) == ApplyResult::applied);
  return version;
}

template <typename Storage>
UndoResult undo(Storage& storage, const ChangeToUndo& change) {
  return storage.accounts().undo(change).value().result;
}

/// "kind to address, kind to address": what waits in the outbox, which is empty then.
template <typename Storage>
std::string queued(Storage& storage) {
  std::string all;
  while (const auto entry = storage.outbox().claim_next(OutboxQueue::mails, noon, hours{1}).value()) {
    all += (all.empty() ? "" : ", ") + std::string{name_of(entry->kind)} + " to " + entry->address;
  }
  return all;
}

/// Changes the address behind the product's back, as an administrator would.
template <typename Storage>
void set_email(Storage& storage, const std::string& email) {
  if constexpr (requires { storage.store.set_email("1", email); }) {
    storage.store.set_email("1", email);
  } else {
    const bool adopted = requires { storage.django; };
    execute(storage.database,
            std::string{"UPDATE "} + (adopted ? "auth_user" : "waxseal_account") + " SET email = '" + email + "'");
  }
}

/// A press that must be refused, and after which nothing at all is different.
template <typename Storage>
void check_refused(Storage& storage, const ChangeToUndo& change, UndoResult expected) {
  const std::vector<std::string> ids = {"1", "2"};
  const std::vector<std::string> keys = {"a@x.example", "b@x.example", "c@x.example", "two@x.example"};
  const std::string before = state_of(storage, ids, keys);
  CHECK(undo(storage, change) == expected);
  CHECK(state_of(storage, ids, keys) == before);
}

}  // namespace

STORE_TEST_CASE("The notice of a request goes to the address in force, before the mail to the new one", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version =
      storage.accounts().request_change(with_notice(mailed_request("1", "b@x.example", "mail"), "notice")).value();
  const OutboxEntry notice = storage.outbox().claim_next(OutboxQueue::mails, noon, hours{1}).value().value();
  CHECK(storage.outbox().claim_next(OutboxQueue::mails, noon, hours{1}).value().value().message_token == "mail");
  CHECK(notice.kind == MailKind::change_notice);
  CHECK(notice.account_id == "1");
  CHECK(notice.address == "a@x.example");
  CHECK(notice.version == version);
  CHECK(notice.language == "pt");
  CHECK(notice.message_token == "notice");
  CHECK(notice.created_at == noon);
}

STORE_TEST_CASE("A request that is repeated is told once, one for another address again", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  for (const char* token : {"first", "second", "third"}) {
    must(storage.accounts().request_change(with_notice(request_for("1", "b@x.example"), token)));
  }
  CHECK(queued(storage) == "change_notice to a@x.example");
  must(storage.accounts().request_change(with_notice(request_for("1", "c@x.example"), "fourth")));
  must(storage.accounts().request_change(with_notice(request_for("1", "b@x.example"), "fifth")));
  CHECK(queued(storage) == "change_notice to a@x.example, change_notice to a@x.example");
}

STORE_TEST_CASE("A request that nobody was told of is told when it is repeated", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  ask(storage, "b@x.example");
  must(storage.accounts().request_change(with_notice(request_for("1", "b@x.example"), "notice")));
  CHECK(queued(storage) == "change_notice to a@x.example");
}

STORE_TEST_CASE("The notices of two accounts do not get in each other's way", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "two@x.example");
  must(storage.accounts().request_change(with_notice(request_for("1", "b@x.example"), "one")));
  must(storage.accounts().request_change(with_notice(request_for("2", "b@x.example"), "two")));
  CHECK(queued(storage) == "change_notice to a@x.example, change_notice to two@x.example");
}

STORE_TEST_CASE("A request for a taken address is told like one for a free address", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "two@x.example");
  must(storage.accounts().request_change(with_notice(mailed_request("1", "two@x.example", "mail"), "notice")));
  CHECK(queued(storage) == "change_notice to a@x.example, email_in_use to two@x.example");
}

STORE_TEST_CASE("Nobody is told where no address is given up", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "");
  must(storage.accounts().request_change(with_notice(request_for("1", "a@x.example"), "own address")));
  must(storage.accounts().request_change(with_notice(request_for("2", "b@x.example"), "no address yet")));
  CHECK(queued(storage).empty());
}

STORE_TEST_CASE("A request that is refused tells nobody", "") {
  TestType storage;
  REQUIRE_FALSE(storage.accounts().request_change(with_notice(request_for("9", "b@x.example"), "notice")));
  CHECK(queued(storage).empty());
}

STORE_TEST_CASE("Asking again after the address changed by another road is a new version with a notice of its own",
                "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version =
      storage.accounts().request_change(with_notice(request_for("1", "b@x.example"), "first")).value();
  set_email(storage, "moved@x.example");
  CHECK(storage.accounts().request_change(with_notice(request_for("1", "b@x.example"), "second")).value() ==
        version + 1);
  CHECK(outcome_of(storage, version) == ChangeOutcome::superseded);
  CHECK(queued(storage) == "change_notice to a@x.example, change_notice to moved@x.example");
}

STORE_TEST_CASE("A change is stale when another address was in force when it was asked for", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = ask(storage, "b@x.example");
  set_email(storage, "moved@x.example");
  CHECK(storage.accounts().apply(change_to("1", "moved@x.example", "b@x.example", version)) == ApplyResult::stale);
  CHECK(email_of(storage) == "moved@x.example");
}

STORE_TEST_CASE("A change at once is recorded and told in the same step", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  ChangeToApply change = change_to("1", "a@x.example", "b@x.example");
  change.notice = NoticeOrder{"en", "notice"};
  REQUIRE(storage.accounts().apply(change) == ApplyResult::applied);
  CHECK(version_of(storage) == first_version);
  const ChangeRecord record = storage.accounts().find_change("1", first_version).value().value();
  CHECK(record.old_email == "a@x.example");
  CHECK(record.new_email == "b@x.example");
  CHECK(record.outcome == ChangeOutcome::applied);
  CHECK_FALSE(storage.accounts().link_state("1").value().pending_email);
  const OutboxEntry notice = storage.outbox().claim_next(OutboxQueue::mails, noon, hours{1}).value().value();
  CHECK(notice.kind == MailKind::change_notice);
  CHECK(notice.address == "a@x.example");
  CHECK(notice.version == first_version);
}

STORE_TEST_CASE("A change without a version closes the newest request for just that change", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion oldest = ask(storage, "b@x.example", LatestOnly::no);
  const LinkVersion other = ask(storage, "c@x.example", LatestOnly::no);
  const LinkVersion newest = ask(storage, "b@x.example", LatestOnly::no);
  REQUIRE(storage.accounts().apply(change_to("1", "a@x.example", "b@x.example")) == ApplyResult::applied);
  CHECK(outcome_of(storage, newest) == ChangeOutcome::applied);
  CHECK(outcome_of(storage, other) == ChangeOutcome::superseded);
  CHECK(outcome_of(storage, oldest) == ChangeOutcome::superseded);
  CHECK(version_of(storage) == newest + 1);
}

STORE_TEST_CASE("Undoing a change that waits cancels it and leaves the address", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = ask(storage, "b@x.example");
  const UndoAnswer answer = storage.accounts().undo(undo_of("1", version, "a@x.example")).value();
  CHECK(answer.result == UndoResult::undone);
  CHECK_FALSE(answer.displaced_email);
  CHECK(outcome_of(storage, version) == ChangeOutcome::cancelled);
  CHECK(version_of(storage) == version + 1);
  CHECK(email_of(storage) == "a@x.example");
  CHECK(queued(storage).empty());
  CHECK(storage.accounts().apply(change_to("1", "a@x.example", "b@x.example", version)) == ApplyResult::stale);
}

STORE_TEST_CASE("Undoing an applied change brings the old address back, and both addresses are told", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = change(storage, "a@x.example", "b@x.example");
  const UndoAnswer answer = storage.accounts().undo(undo_of("1", version, "a@x.example")).value();
  CHECK(answer.result == UndoResult::undone);
  CHECK(answer.displaced_email == "b@x.example");
  CHECK(outcome_of(storage, version) == ChangeOutcome::undone);
  CHECK(version_of(storage) == version + 2);
  CHECK(email_of(storage) == "a@x.example");
  CHECK(queued(storage) == "change_undone to a@x.example, change_undone to b@x.example");
  CHECK(is_taken(storage, "a@x.example"));
  CHECK_FALSE(is_taken(storage, "b@x.example"));
}

STORE_TEST_CASE("Undoing a change undoes all that followed and cancels what waits", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion to_b = change(storage, "a@x.example", "b@x.example");
  const LinkVersion to_c = change(storage, "b@x.example", "c@x.example");
  const LinkVersion replaced = ask(storage, "d@x.example");
  const LinkVersion waiting = ask(storage, "e@x.example");
  REQUIRE(undo(storage, undo_of("1", to_b, "a@x.example")) == UndoResult::undone);
  CHECK(email_of(storage) == "a@x.example");
  CHECK(outcome_of(storage, to_b) == ChangeOutcome::undone);
  CHECK(outcome_of(storage, to_c) == ChangeOutcome::undone);
  CHECK(outcome_of(storage, replaced) == ChangeOutcome::cancelled);
  CHECK(outcome_of(storage, waiting) == ChangeOutcome::cancelled);
  CHECK_FALSE(storage.accounts().link_state("1").value().pending_email);
  check_refused(storage, undo_of("1", to_c, "b@x.example"), UndoResult::undone_before);
  check_refused(storage, undo_of("1", replaced, "c@x.example"), UndoResult::cancelled_before);
  check_refused(storage, undo_of("1", waiting, "c@x.example"), UndoResult::cancelled_before);
}

STORE_TEST_CASE("Undoing a later change leaves what came before it", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion to_b = change(storage, "a@x.example", "b@x.example");
  const LinkVersion to_c = change(storage, "b@x.example", "c@x.example");
  REQUIRE(undo(storage, undo_of("1", to_c, "b@x.example")) == UndoResult::undone);
  CHECK(email_of(storage) == "b@x.example");
  CHECK(outcome_of(storage, to_b) == ChangeOutcome::applied);
  ChangeToUndo another = undo_of("1", to_b, "a@x.example");
  another.to_restored.message_token = "to restored, again";
  another.to_displaced.message_token = "to displaced, again";
  REQUIRE(undo(storage, another) == UndoResult::undone);
  CHECK(email_of(storage) == "a@x.example");
}

STORE_TEST_CASE("A request that was replaced is undone with the change that replaced it", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion replaced = ask(storage, "b@x.example");
  const LinkVersion to_c = change(storage, "a@x.example", "c@x.example");
  REQUIRE(undo(storage, undo_of("1", replaced, "a@x.example")) == UndoResult::undone);
  CHECK(email_of(storage) == "a@x.example");
  CHECK(outcome_of(storage, replaced) == ChangeOutcome::cancelled);
  CHECK(outcome_of(storage, to_c) == ChangeOutcome::undone);
}

STORE_TEST_CASE("Without latest_only a request is undone with an older one that was applied after it", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion older = ask(storage, "b@x.example", LatestOnly::no);
  const LinkVersion newer = ask(storage, "c@x.example", LatestOnly::no);
  ChangeToApply press = change_to("1", "a@x.example", "b@x.example", older);
  press.latest_only = LatestOnly::no;
  REQUIRE(storage.accounts().apply(press) == ApplyResult::applied);
  REQUIRE(undo(storage, undo_of("1", newer, "a@x.example")) == UndoResult::undone);
  CHECK(email_of(storage) == "a@x.example");
  CHECK(outcome_of(storage, older) == ChangeOutcome::undone);
  CHECK(outcome_of(storage, newer) == ChangeOutcome::cancelled);
}

STORE_TEST_CASE("Without latest_only undoing one request cancels the others that wait, older ones too", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion older = ask(storage, "b@x.example", LatestOnly::no);
  const LinkVersion newer = ask(storage, "c@x.example", LatestOnly::no);
  REQUIRE(undo(storage, undo_of("1", newer, "a@x.example")) == UndoResult::undone);
  CHECK(outcome_of(storage, older) == ChangeOutcome::cancelled);
  CHECK(outcome_of(storage, newer) == ChangeOutcome::cancelled);
}

STORE_TEST_CASE("An undo works once", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "two@x.example");
  const LinkVersion waiting = ask(storage, "b@x.example");
  REQUIRE(undo(storage, undo_of("1", waiting, "a@x.example")) == UndoResult::undone);
  check_refused(storage, undo_of("1", waiting, "a@x.example"), UndoResult::cancelled_before);
  const LinkVersion applied = change(storage, "a@x.example", "c@x.example");
  REQUIRE(undo(storage, undo_of("1", applied, "a@x.example")) == UndoResult::undone);
  check_refused(storage, undo_of("1", applied, "a@x.example"), UndoResult::undone_before);
}

STORE_TEST_CASE("An undo does not look at the address of today", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = change(storage, "a@x.example", "b@x.example");
  set_email(storage, "moved@x.example");
  const UndoAnswer answer = storage.accounts().undo(undo_of("1", version, "a@x.example")).value();
  CHECK(answer.displaced_email == "moved@x.example");
  CHECK(email_of(storage) == "a@x.example");
}

STORE_TEST_CASE("An undo of a change that was reversed already changes no address and tells nobody", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion there = change(storage, "a@x.example", "b@x.example");
  const LinkVersion back = change(storage, "b@x.example", "a@x.example");
  const UndoAnswer answer = storage.accounts().undo(undo_of("1", there, "a@x.example")).value();
  CHECK(answer.result == UndoResult::undone);
  CHECK_FALSE(answer.displaced_email);
  CHECK(email_of(storage) == "a@x.example");
  CHECK(outcome_of(storage, back) == ChangeOutcome::undone);
  CHECK(queued(storage).empty());
}

STORE_TEST_CASE("An undo is refused when another account has the old address by now, and changes nothing", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "two@x.example");
  const LinkVersion version = change(storage, "a@x.example", "b@x.example");
  REQUIRE(storage.accounts().apply(change_to("2", "two@x.example", "a@x.example")) == ApplyResult::applied);
  check_refused(storage, undo_of("1", version, "a@x.example"), UndoResult::email_taken);
  REQUIRE(storage.accounts().apply(change_to("2", "a@x.example", "two@x.example")) == ApplyResult::applied);
  CHECK(undo(storage, undo_of("1", version, "a@x.example")) == UndoResult::undone);
}

STORE_TEST_CASE("A change that waits is cancelled although another account has the old address", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "two@x.example");
  const LinkVersion version = ask(storage, "b@x.example");
  set_email(storage, "moved@x.example");
  CHECK(undo(storage, undo_of("1", version, "a@x.example")) == UndoResult::undone);
  CHECK(outcome_of(storage, version) == ChangeOutcome::cancelled);
}

STORE_TEST_CASE("An undo is refused without its record, and by that of another address or account", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "two@x.example");
  const LinkVersion version = change(storage, "a@x.example", "b@x.example");
  for (const LinkVersion other : {version - 1, version + 1, LinkVersion{0}, LinkVersion{4294967295U}}) {
    check_refused(storage, undo_of("1", other, "a@x.example"), UndoResult::no_record);
  }
  for (const char* other : {"A@x.example", "b@x.example", ""}) {
    check_refused(storage, undo_of("1", version, other), UndoResult::no_record);
  }
  check_refused(storage, undo_of("2", version, "a@x.example"), UndoResult::no_record);
  check_refused(storage, undo_of("9", version, "a@x.example"), UndoResult::no_account);
}

STORE_TEST_CASE("An undo that wants the account active is refused when it is not", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example", false);
  add_account(storage, "2", "two@x.example");
  const LinkVersion version = change(storage, "a@x.example", "b@x.example");
  ChangeToUndo press = undo_of("1", version, "a@x.example");
  press.require_active = RequireActive::yes;
  check_refused(storage, press, UndoResult::no_account);
  press.require_active = RequireActive::no;
  CHECK(undo(storage, press) == UndoResult::undone);
}

STORE_TEST_CASE("A django link that was signed before an undo is void, one signed after it works", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion applied = change(storage, "a@x.example", "b@x.example");
  ChangeToUndo press = undo_of("1", applied, "a@x.example");
  press.now = [] { return noon + seconds{10}; };
  REQUIRE(undo(storage, press) == UndoResult::undone);

  ChangeToApply django = change_to("1", "a@x.example", "b@x.example");
  django.signed_at = noon + seconds{10};
  CHECK(storage.accounts().apply(django) == ApplyResult::change_undone);
  django.new_email = django.email_key.emplace("c@x.example");
  CHECK(storage.accounts().apply(django) == ApplyResult::link_cancelled);
  CHECK(email_of(storage) == "a@x.example");
  django.signed_at = noon + seconds{11};
  CHECK(storage.accounts().apply(django) == ApplyResult::applied);
}

STORE_TEST_CASE("Links that were signed while an undo waited for the account are void", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion applied = change(storage, "a@x.example", "b@x.example");
  UnixTime clock = noon;
  ChangeToUndo press = undo_of("1", applied, "a@x.example");
  press.now = [&] { return clock; };
  clock += seconds{3};  // the time it waited
  REQUIRE(undo(storage, press) == UndoResult::undone);
  ChangeToApply django = change_to("1", "a@x.example", "b@x.example");
  django.signed_at = noon + seconds{2};
  CHECK(storage.accounts().apply(django) == ApplyResult::change_undone);
}

STORE_TEST_CASE("An undo takes back nothing that was made before its request", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  change(storage, "a@x.example", "b@x.example");
  set_email(storage, "a@x.example");  // by the owner's other program
  ChangeRequest later = request_for("1", "c@x.example");
  later.now = noon + seconds{60};
  const LinkVersion pending = storage.accounts().request_change(later).value();
  set_email(storage, "z@x.example");
  ChangeToUndo press = undo_of("1", pending, "a@x.example");
  press.now = [] { return noon + seconds{90}; };
  REQUIRE(undo(storage, press) == UndoResult::undone);
  CHECK(email_of(storage) == "z@x.example");
}
