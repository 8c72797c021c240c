// Limits, in every store alike: charged together or not at all, in the transaction of the request itself.

#include "every_storage.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

LimitCharge limit_of(std::uint8_t subject, std::int64_t count, std::string_view name = "per_user") {
  return {name, fingerprint(subject), {count, hours{1}}};
}

ChangeRequest limited_request(const std::string& email, std::vector<LimitCharge> limits, UnixTime now = noon) {
  static int tokens = 0;
  ChangeRequest request = mailed_request("1", email, "token " + std::to_string(++tokens));
  request.limits = std::move(limits);
  request.now = now;
  return request;
}

/// "ok", or "<name of the limit> <seconds>".
template <typename Answer>
std::string told(const Answer& answer) {
  if (answer) return "ok";
  CHECK(answer.error().code == ErrorCode::rate_limited);
  REQUIRE(answer.error().retry_after);
  return answer.error().log_detail + " " + std::to_string(answer.error().retry_after->count());
}

template <typename Storage>
int queued_mails(Storage& storage) {
  int mails = 0;
  while (storage.outbox().claim_next(OutboxQueue::mails, noon + hours{1000}, seconds{1000}).value()) ++mails;
  return mails;
}

}  // namespace

STORE_TEST_CASE("A request beyond a limit is refused with how long to wait, and nothing is done", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  AccountStore& accounts = storage.accounts();
  CHECK(told(accounts.request_change(limited_request("b@x.example", {limit_of(1, 2)}))) == "ok");
  CHECK(told(accounts.request_change(limited_request("c@x.example", {limit_of(1, 2)}))) == "ok");
  const LinkVersion version = accounts.link_state("1").value().version;
  CHECK(told(accounts.request_change(limited_request("d@x.example", {limit_of(1, 2)}))) == "per_user 1800");
  CHECK(accounts.link_state("1").value().version == version);
  CHECK(accounts.link_state("1").value().pending_email == "c@x.example");
  CHECK(queued_mails(storage) == 2);
}

STORE_TEST_CASE("A limit comes back with time", "") {
  TestType storage;
  AccountStore& accounts = storage.accounts();
  CHECK(told(accounts.charge({limit_of(1, 1)}, noon)) == "ok");
  CHECK(told(accounts.charge({limit_of(1, 1)}, noon + minutes{59})) == "per_user 60");
  CHECK(told(accounts.charge({limit_of(1, 1)}, noon + hours{1})) == "ok");
}

STORE_TEST_CASE("Limits are charged together or not at all", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  AccountStore& accounts = storage.accounts();
  REQUIRE(told(accounts.charge({limit_of(2, 1)}, noon)) == "ok");
  for (int i = 0; i < 10; ++i) {
    CHECK(told(accounts.charge({limit_of(1, 2), limit_of(2, 1, "per_domain"), limit_of(3, 2)}, noon)) ==
          "per_domain 3600");
    CHECK(told(accounts.request_change(limited_request("b@x.example", {limit_of(1, 2), limit_of(2, 1, "global")}))) ==
          "global 3600");
  }
  CHECK(told(accounts.charge({limit_of(1, 2), limit_of(3, 2)}, noon)) == "ok");
  CHECK(told(accounts.charge({limit_of(1, 2), limit_of(3, 2)}, noon)) == "ok");
}

STORE_TEST_CASE("A request that fails for another reason charges nothing", "") {
  TestType storage;
  AccountStore& accounts = storage.accounts();
  for (int i = 0; i < 3; ++i) {
    const auto refused = accounts.request_change(limited_request("b@x.example", {limit_of(1, 1)}));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::user_not_found);
    CHECK_FALSE(refused.error().retry_after);
  }
  CHECK(told(accounts.charge({limit_of(1, 1)}, noon)) == "ok");
}

STORE_TEST_CASE("Subjects are counted apart, and of several waits the longest is told", "") {
  TestType storage;
  AccountStore& accounts = storage.accounts();
  CHECK(told(accounts.charge({limit_of(1, 1), limit_of(2, 4)}, noon)) == "ok");
  CHECK(told(accounts.charge({limit_of(3, 1)}, noon)) == "ok");
  LimitCharge sooner{"per_ip", fingerprint(1), {1, minutes{10}}};
  CHECK(told(accounts.charge({sooner, limit_of(3, 1, "per_domain")}, noon)) == "per_domain 3600");
}

STORE_TEST_CASE("A request without limits is never refused for them", "") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  for (int i = 0; i < 100; ++i)
    CHECK(told(storage.accounts().request_change(limited_request("b@x.example", {}))) == "ok");
  CHECK(told(storage.accounts().charge({}, noon)) == "ok");
}

TEST_CASE("What is not used any more is forgotten, so that the table does not grow", "[sqlite]") {
  SqliteStorage storage;
  const auto rows = [&] {
    return storage.database
        .run([](SqliteConnection& connection) -> Result<int> {
          return connection.database().execAndGet("SELECT count(*) FROM waxseal_limit").getInt();
        })
        .value();
  };
  for (std::uint8_t subject = 0; subject < 100; ++subject) must(storage.store.charge({limit_of(subject, 5)}, noon));
  CHECK(rows() == 100);
  must(storage.store.charge({limit_of(200, 5)}, noon + minutes{12}));
  CHECK(rows() == 1);
}

TEST_CASE("What is used of a limit outlives the program", "[sqlite]") {
  SqliteStorage storage;
  REQUIRE(told(storage.store.charge({limit_of(1, 1)}, noon)) == "ok");
  SqliteDatabase reopened{storage.file().string(), 1};
  SqliteStore next{reopened};
  CHECK(told(next.charge({limit_of(1, 1)}, noon)) == "per_user 3600");
}
