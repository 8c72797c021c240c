// What every outbox must do, whatever it is made of.

#include "every_storage.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using std::chrono::seconds;

#define OUTBOX_TEST_CASE(name) CONTRACT_TEST_CASE(name, "")

namespace {

constexpr seconds lease{60};

/// Queues one mail a token, a second apart from `noon` on.
template <typename Storage>
void queue(Storage& storage, const std::vector<std::string>& tokens) {
  add_account(storage, "1", "a@x.example");
  UnixTime when = noon;
  for (const std::string& token : tokens) {
    ChangeRequest request = mailed_request("1", token + "@x.example", token);
    request.now = when;
    when += seconds{1};
    storage.accounts().request_change(request).value();
  }
}

template <typename Storage>
std::optional<OutboxEntry> claim(Storage& storage, UnixTime now) {
  return storage.outbox().claim_next(OutboxQueue::mails, now, lease).value();
}

/// The token of the entry that is next, or "-" if there is none.
template <typename Storage>
std::string next(Storage& storage, UnixTime now) {
  const auto entry = claim(storage, now);
  return entry ? entry->message_token : "-";
}

}  // namespace

OUTBOX_TEST_CASE("An empty outbox has nothing to do") {
  TestType storage;
  CHECK(next(storage, noon) == "-");
}

OUTBOX_TEST_CASE("Mails come out in the order in which they were asked for") {
  TestType storage;
  queue(storage, {"one", "two", "three"});
  const UnixTime later = noon + seconds{10};
  CHECK(next(storage, later) == "one");
  CHECK(next(storage, later) == "two");
  CHECK(next(storage, later) == "three");
  CHECK(next(storage, later) == "-");
}

OUTBOX_TEST_CASE("An entry is not due before its time") {
  TestType storage;
  queue(storage, {"one"});
  CHECK(next(storage, noon - seconds{1}) == "-");
  CHECK(next(storage, noon) == "one");
}

OUTBOX_TEST_CASE("An entry that is held comes back when its lease has ended") {
  TestType storage;
  queue(storage, {"one"});
  const auto first = claim(storage, noon);
  REQUIRE(first);
  CHECK(next(storage, noon + lease - seconds{1}) == "-");
  const auto again = claim(storage, noon + lease);
  REQUIRE(again);
  CHECK(again->id == first->id);
  CHECK(again->message_token == "one");
  CHECK(again->attempts == 0);
}

OUTBOX_TEST_CASE("An entry that was sent or dropped or given up never comes back") {
  TestType storage;
  queue(storage, {"sent", "dropped", "dead"});
  const UnixTime now = noon + seconds{10};
  REQUIRE(storage.outbox().mark_sent(claim(storage, now)->id, now));
  REQUIRE(storage.outbox().mark_dropped(claim(storage, now)->id, now, "replaced"));
  REQUIRE(storage.outbox().mark_dead(claim(storage, now)->id, now, "no such mailbox"));
  CHECK(next(storage, now + std::chrono::hours{100000}) == "-");
}

OUTBOX_TEST_CASE("An entry that failed for a while comes back at its time and counts its attempts") {
  TestType storage;
  queue(storage, {"one"});
  UnixTime now = noon;
  for (int attempts = 0; attempts < 3; ++attempts) {
    const auto entry = claim(storage, now);
    REQUIRE(entry);
    CHECK(entry->attempts == attempts);
    REQUIRE(storage.outbox().retry_at(*entry, now + seconds{30}, "no connection"));
    CHECK(next(storage, now + seconds{29}) == "-");
    now += seconds{30};
  }
}

OUTBOX_TEST_CASE("An entry that waits for another attempt does not hold up the others") {
  TestType storage;
  queue(storage, {"slow", "quick"});
  const auto slow = claim(storage, noon);
  REQUIRE(storage.outbox().retry_at(*slow, noon + seconds{100}, "no connection"));
  CHECK(next(storage, noon + seconds{50}) == "quick");
  CHECK(next(storage, noon + seconds{100}) == "slow");
}

OUTBOX_TEST_CASE("Of two entries that are due the one that has waited longest comes first") {
  TestType storage;
  queue(storage, {"one", "two"});
  REQUIRE(storage.outbox().retry_at(*claim(storage, noon), noon + seconds{100}, "no connection"));
  CHECK(next(storage, noon + seconds{200}) == "two");
  CHECK(next(storage, noon + seconds{200}) == "one");
}

OUTBOX_TEST_CASE("What is settled or was never there cannot be settled") {
  TestType storage;
  queue(storage, {"one"});
  OutboxEntry entry = claim(storage, noon).value();
  const std::int64_t id = entry.id;
  REQUIRE(storage.outbox().mark_sent(id, noon));
  for (const std::int64_t wrong : {id, id + 1, std::int64_t{0}, std::int64_t{-1}}) {
    INFO(wrong);
    entry.id = wrong;
    for (const auto& settled :
         {storage.outbox().mark_sent(wrong, noon), storage.outbox().mark_dropped(wrong, noon, "r"),
          storage.outbox().mark_dead(wrong, noon, "r"), storage.outbox().retry_at(entry, noon, "r")}) {
      REQUIRE_FALSE(settled);
      CHECK(settled.error().code == ErrorCode::internal);
    }
  }
  CHECK(next(storage, noon + std::chrono::hours{1}) == "-");
}

OUTBOX_TEST_CASE("A worker whose lease ended does not free the entry under another one's hands") {
  TestType storage;
  queue(storage, {"one"});
  const OutboxEntry slow = claim(storage, noon).value();
  const OutboxEntry second = claim(storage, noon + lease).value();
  CHECK_FALSE(storage.outbox().retry_at(slow, noon + lease + seconds{1}, "too late"));
  CHECK(next(storage, noon + lease + seconds{2}) == "-");
  CHECK(storage.outbox().retry_at(second, noon + lease + seconds{10}, "no connection"));
  CHECK(next(storage, noon + lease + seconds{10}) == "one");
}

OUTBOX_TEST_CASE("When the clock was set back an entry waits no longer than the longest wait") {
  TestType storage;
  queue(storage, {"one"});
  CHECK(next(storage, noon - longest_outbox_wait) == "-");
  CHECK(next(storage, noon - longest_outbox_wait - seconds{1}) == "one");
  CHECK(next(storage, noon - longest_outbox_wait - seconds{1}) == "-");
}

OUTBOX_TEST_CASE("What is due comes before what a clock that was set back left in the future") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  for (const auto& [token, when] : {std::pair{"future", noon + std::chrono::hours{48}}, std::pair{"now", noon}}) {
    ChangeRequest request = mailed_request("1", std::string{token} + "@x.example", token);
    request.now = when;
    storage.accounts().request_change(request).value();
  }
  CHECK(next(storage, noon) == "now");
  CHECK(next(storage, noon) == "future");
  CHECK(next(storage, noon) == "-");
}

namespace {

/// Changes the address of account 1 with an event ordered.
template <typename Storage>
void change_told(Storage& storage, const std::string& from, const std::string& to, const std::string& token) {
  ChangeToApply change = change_to("1", from, to);
  change.event = EventOrder{EmailChange::Reason::unverified, token};
  REQUIRE(storage.accounts().apply(change).value() == ApplyResult::applied);
}

template <typename Storage>
std::optional<OutboxEntry> claim_event(Storage& storage, UnixTime now) {
  return storage.outbox().claim_next(OutboxQueue::events, now, lease).value();
}

}  // namespace

OUTBOX_TEST_CASE("A change queues the event that it orders, with what happened") {
  TestType storage;
  add_account(storage, "1", "a\"'@x.example");
  change_told(storage, "a\"'@x.example", "b@x.example", "token");
  const auto entry = claim_event(storage, noon);
  REQUIRE(entry);
  REQUIRE(entry->event);
  CHECK(entry->event->reason == EmailChange::Reason::unverified);
  CHECK(entry->event->account_id == "1");
  CHECK(entry->event->old_email == "a\"'@x.example");
  CHECK(entry->event->new_email == "b@x.example");
  CHECK(entry->event->at == noon);
  CHECK(entry->message_token == "token");
  CHECK_FALSE(claim_event(storage, noon));
}

OUTBOX_TEST_CASE("A change that is refused queues no event") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  add_account(storage, "2", "b@x.example");
  ChangeToApply taken = change_to("1", "a@x.example", "b@x.example");
  taken.event = EventOrder{EmailChange::Reason::verified, "token"};
  CHECK(storage.accounts().apply(taken).value() == ApplyResult::email_taken);
  ChangeToApply stale = change_to("1", "other@x.example", "c@x.example");
  stale.event = EventOrder{EmailChange::Reason::verified, "token"};
  CHECK(storage.accounts().apply(stale).value() == ApplyResult::stale);
  CHECK_FALSE(claim_event(storage, noon));
}

OUTBOX_TEST_CASE(
    "An undone change queues the event that it orders, from the address that was to the one that is again") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = storage.accounts().request_change(request_for("1", "b@x.example")).value();
  REQUIRE(storage.accounts().apply(change_to("1", "a@x.example", "b@x.example", version)).value() ==
          ApplyResult::applied);
  ChangeToUndo undo;
  undo.account_id = "1";
  undo.version = version;
  undo.old_email = undo.email_key.emplace("a@x.example");
  undo.to_restored = {"en", "restored"};
  undo.to_displaced = {"en", "displaced"};
  undo.event = EventOrder{EmailChange::Reason::undone, "token"};
  undo.now = [] { return noon; };
  REQUIRE(storage.accounts().undo(undo).value().result == UndoResult::undone);
  const auto entry = claim_event(storage, noon);
  REQUIRE(entry);
  CHECK(entry->event->reason == EmailChange::Reason::undone);
  CHECK(entry->event->old_email == "b@x.example");
  CHECK(entry->event->new_email == "a@x.example");
  CHECK(storage.accounts().undo(undo).value().result == UndoResult::undone_before);
  CHECK_FALSE(claim_event(storage, noon));
}

OUTBOX_TEST_CASE("Mails and events are queues of their own") {
  TestType storage;
  queue(storage, {"mail"});
  change_told(storage, "a@x.example", "b@x.example", "event");
  const auto mail = claim(storage, noon);
  REQUIRE(mail);
  CHECK(mail->message_token == "mail");
  CHECK_FALSE(mail->event);
  CHECK_FALSE(claim(storage, noon));
  const auto event = claim_event(storage, noon);
  REQUIRE(event);
  CHECK(event->message_token == "event");
  REQUIRE(storage.outbox().retry_at(*event, noon + seconds{30}, "no answer"));
  CHECK_FALSE(claim(storage, noon + seconds{30}));
  CHECK(claim_event(storage, noon + seconds{30}));
}
