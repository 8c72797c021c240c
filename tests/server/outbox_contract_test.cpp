// What every outbox must do, whatever it is made of.

#include "storages.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using std::chrono::seconds;

#define OUTBOX_TEST_CASE(name) TEMPLATE_TEST_CASE(name, "[store]", MemoryStorage, SqliteStorage)

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
  return storage.outbox().claim_next(now, lease).value();
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
    REQUIRE(storage.outbox().retry_at(entry->id, now + seconds{30}, "no connection"));
    CHECK(next(storage, now + seconds{29}) == "-");
    now += seconds{30};
  }
}

OUTBOX_TEST_CASE("An entry that waits for another attempt does not hold up the others") {
  TestType storage;
  queue(storage, {"slow", "quick"});
  const auto slow = claim(storage, noon);
  REQUIRE(storage.outbox().retry_at(slow->id, noon + seconds{100}, "no connection"));
  CHECK(next(storage, noon + seconds{50}) == "quick");
  CHECK(next(storage, noon + seconds{100}) == "slow");
}

OUTBOX_TEST_CASE("Of two entries that are due the one that has waited longest comes first") {
  TestType storage;
  queue(storage, {"one", "two"});
  REQUIRE(storage.outbox().retry_at(claim(storage, noon)->id, noon + seconds{100}, "no connection"));
  CHECK(next(storage, noon + seconds{200}) == "two");
  CHECK(next(storage, noon + seconds{200}) == "one");
}

OUTBOX_TEST_CASE("What is settled or was never there cannot be settled") {
  TestType storage;
  queue(storage, {"one"});
  const std::int64_t id = claim(storage, noon)->id;
  REQUIRE(storage.outbox().mark_sent(id, noon));
  for (const std::int64_t wrong : {id, id + 1, std::int64_t{0}, std::int64_t{-1}}) {
    INFO(wrong);
    for (const auto& settled :
         {storage.outbox().mark_sent(wrong, noon), storage.outbox().mark_dropped(wrong, noon, "r"),
          storage.outbox().mark_dead(wrong, noon, "r"), storage.outbox().retry_at(wrong, noon, "r")}) {
      REQUIRE_FALSE(settled);
      CHECK(settled.error().code == ErrorCode::internal);
    }
  }
  CHECK(next(storage, noon + std::chrono::hours{1}) == "-");
}
