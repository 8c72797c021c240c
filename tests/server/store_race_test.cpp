// Many at once: what the guarded writes are for. Runs under ThreadSanitizer too.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <latch>
#include <set>
#include <thread>

#include "every_storage.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

constexpr int many = 16;

/// Runs `work(number)` in `many` threads that start together and returns what each gave.
template <typename Value>
std::deque<Value> all_at_once(const std::function<Value(int)>& work) {
  std::deque<Value> results(many);  // not a vector: one of bool would share bytes among the threads
  std::latch start{many};
  std::vector<std::thread> threads;
  for (int number = 0; number < many; ++number) {
    threads.emplace_back([&, number] {
      start.arrive_and_wait();
      results[static_cast<std::size_t>(number)] = work(number);
    });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

/// Runs `work(number)` in `many` processes and returns their exit codes.
std::vector<int> in_processes(const std::function<int(int)>& work) {
  std::vector<pid_t> children;
  for (int number = 0; number < many; ++number) {
    const pid_t child = fork();
    if (child == 0) _exit(work(number));
    children.push_back(child);
  }
  std::vector<int> codes;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    codes.push_back(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  }
  return codes;
}

std::string address(int number) { return "n" + std::to_string(number) + "@x.example"; }

template <typename Storage>
int count_pending(Storage& storage, const std::string& id, LinkVersion first) {
  int pending = 0;
  for (LinkVersion version = first; version < first + many; ++version) {
    const auto change = storage.accounts().find_change(id, version).value();
    if (change && change->outcome == ChangeOutcome::pending) ++pending;
  }
  return pending;
}

template <typename Values, typename Value>
auto count_of(const Values& values, const Value& value) {
  return std::count(values.begin(), values.end(), value);
}

/// Two programs on one file, each with its own connections: even numbers use the first, odd ones the second.
struct TwoPrograms {
  SqliteStorage first;
  SqliteDatabase second_database{first.file().string(), 4};
  SqliteStore second_store{second_database};
  SqliteOutbox second_outbox{second_database};
  AccountStore& accounts(int number) { return number % 2 == 0 ? first.accounts() : second_store; }
  Outbox& outbox(int number) { return number % 2 == 0 ? first.outbox() : second_outbox; }
};

}  // namespace

STORE_TEST_CASE("Of many presses of one link exactly one is applied", "[concurrent]") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = storage.accounts().request_change(request_for("1", "b@x.example")).value();
  const auto results = all_at_once<Result<ApplyResult>>(
      [&](int) { return storage.accounts().apply(change_to("1", "a@x.example", "b@x.example", version)); });
  CHECK(count_of(results, ApplyResult::applied) == 1);
  CHECK(count_of(results, ApplyResult::stale) == many - 1);
  CHECK(storage.accounts().link_state("1").value().version == version + 1);
}

CONTRACT_TEST_CASE("Of many presses of one remembered link exactly one is applied", "[concurrent]") {
  TestType storage;
  for (int number = 0; number < many; ++number) add_account(storage, std::to_string(number), address(number));
  const auto results = all_at_once<Result<ApplyResult>>([&](int number) {
    ChangeToApply change = change_to(std::to_string(number), address(number), address(number + many));
    change.remember = ChangeToApply::RememberedLink{fingerprint(1), noon};
    return storage.accounts().apply(change);
  });
  CHECK(count_of(results, ApplyResult::applied) == 1);
  CHECK(count_of(results, ApplyResult::link_used) == many - 1);
}

STORE_TEST_CASE("Of many accounts that take one address exactly one gets it", "[concurrent]") {
  TestType storage;
  for (int number = 0; number < many; ++number) add_account(storage, std::to_string(number), address(number));
  const auto results = all_at_once<Result<ApplyResult>>([&](int number) {
    return storage.accounts().apply(change_to(std::to_string(number), address(number), "wanted@x.example"));
  });
  CHECK(count_of(results, ApplyResult::applied) == 1);
  CHECK(count_of(results, ApplyResult::email_taken) == many - 1);
}

CONTRACT_TEST_CASE("Many requests for different addresses get versions of their own and leave one pending",
                   "[concurrent]") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const auto versions = all_at_once<Result<LinkVersion>>(
      [&](int number) { return storage.accounts().request_change(request_for("1", address(number))); });
  std::set<LinkVersion> different;
  for (const auto& version : versions) different.insert(version.value());
  CHECK(different.size() == many);
  CHECK(count_pending(storage, "1", *different.begin()) == 1);
  CHECK(storage.accounts().link_state("1").value().version == *different.rbegin());
  for (int number = 0; number < many; ++number) {
    const auto change = storage.accounts().find_change("1", versions[static_cast<std::size_t>(number)].value()).value();
    CHECK(change.value().new_email == address(number));
  }
}

CONTRACT_TEST_CASE("Many requests for one address share one version", "[concurrent]") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const auto versions = all_at_once<Result<LinkVersion>>([&](int number) {
    return storage.accounts().request_change(mailed_request("1", "b@x.example", std::to_string(number)));
  });
  CHECK(count_of(versions, versions.front().value()) == many);
  std::set<std::string> tokens;
  while (const auto entry = storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::hours{1}).value()) {
    tokens.insert(entry->message_token);
  }
  CHECK(tokens.size() == many);
}

CONTRACT_TEST_CASE("A press and newer requests at the same time never apply a change that was superseded",
                   "[concurrent]") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = storage.accounts().request_change(request_for("1", "b@x.example")).value();
  const auto presses = all_at_once<bool>([&](int number) {
    if (number % 2 == 0) return storage.accounts().request_change(request_for("1", address(number))).has_value();
    return storage.accounts().apply(change_to("1", "a@x.example", "b@x.example", version)) == ApplyResult::applied;
  });
  int applied = 0;
  for (std::size_t number = 1; number < many; number += 2) applied += presses[number] ? 1 : 0;
  const bool changed = storage.accounts().find_account("1").value().value().email == "b@x.example";
  const auto outcome = storage.accounts().find_change("1", version).value().value().outcome;
  CHECK(applied == (changed ? 1 : 0));
  CHECK(outcome == (changed ? ChangeOutcome::applied : ChangeOutcome::superseded));
}

STORE_TEST_CASE("However presses of a link and of its undo mix, the old address is in force at the end",
                "[concurrent]") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const LinkVersion version = storage.accounts().request_change(request_for("1", "b@x.example")).value();
  const auto presses = all_at_once<bool>([&](int number) {
    if (number % 2 == 0) {
      return storage.accounts().apply(change_to("1", "a@x.example", "b@x.example", version)) == ApplyResult::applied;
    }
    ChangeToUndo undo = undo_of("1", version, "a@x.example");
    undo.to_restored.message_token += std::to_string(number);
    undo.to_displaced.message_token += std::to_string(number);
    return storage.accounts().undo(undo).value().result == UndoResult::undone;
  });
  int applied = 0, undone = 0;
  for (std::size_t number = 0; number < many; ++number) (number % 2 == 0 ? applied : undone) += presses[number] ? 1 : 0;
  const auto outcome = storage.accounts().find_change("1", version).value().value().outcome;
  CHECK(undone == 1);
  CHECK(applied <= 1);
  CHECK(outcome == (applied == 1 ? ChangeOutcome::undone : ChangeOutcome::cancelled));
  CHECK(storage.accounts().find_account("1").value().value().email == "a@x.example");
}

CONTRACT_TEST_CASE("Many requests for one address at once are told once", "[concurrent]") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  const auto versions = all_at_once<Result<LinkVersion>>([&](int number) {
    ChangeRequest request = request_for("1", "b@x.example");
    request.notice = NoticeOrder{"en", std::to_string(number)};
    return storage.accounts().request_change(request);
  });
  CHECK(count_of(versions, versions.front().value()) == many);
  CHECK(storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::hours{1}).value());
  CHECK_FALSE(storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::hours{1}).value());
}

CONTRACT_TEST_CASE("An entry of the outbox is claimed by one of many", "[concurrent]") {
  TestType storage;
  add_account(storage, "1", "a@x.example");
  for (int number = 0; number < many / 2; ++number) {
    storage.accounts().request_change(mailed_request("1", address(number), std::to_string(number))).value();
  }
  const auto claims = all_at_once<std::string>([&](int) {
    const auto entry = storage.outbox().claim_next(OutboxQueue::mails, noon, std::chrono::seconds{60});
    if (!entry) return entry.error().log_detail;
    return *entry ? (*entry)->message_token : std::string{};
  });
  CHECK(std::set<std::string>{claims.begin(), claims.end()}.size() == many / 2 + 1);
  CHECK(count_of(claims, std::string{}) == many / 2);
}

TEST_CASE("Two programs on one file apply a link once", "[sqlite][concurrent]") {
  TwoPrograms programs;
  add_account(programs.first, "1", "a@x.example");
  const LinkVersion version = programs.accounts(0).request_change(request_for("1", "b@x.example")).value();
  const auto results = all_at_once<Result<ApplyResult>>([&](int number) {
    return programs.accounts(number).apply(change_to("1", "a@x.example", "b@x.example", version));
  });
  CHECK(count_of(results, ApplyResult::applied) == 1);
  CHECK(count_of(results, ApplyResult::stale) == many - 1);
}

TEST_CASE("Two programs on one file give requests versions of their own", "[sqlite][concurrent]") {
  TwoPrograms programs;
  add_account(programs.first, "1", "a@x.example");
  const auto versions = all_at_once<Result<LinkVersion>>(
      [&](int number) { return programs.accounts(number).request_change(request_for("1", address(number))); });
  std::set<LinkVersion> different;
  for (const auto& version : versions) different.insert(version.value());
  CHECK(different.size() == many);
  CHECK(count_pending(programs.first, "1", *different.begin()) == 1);
}

TEST_CASE("Two programs that work through one outbox while requests come in never fail and never share a mail",
          "[sqlite][concurrent]") {
  TwoPrograms programs;
  add_account(programs.first, "1", "a@x.example");
  constexpr int mails_each = 20;
  using Claimed = std::vector<std::string>;
  const auto claimed = all_at_once<Result<Claimed>>([&](int number) -> Result<Claimed> {
    Claimed tokens;
    for (int round = 0; round < mails_each; ++round) {
      const std::string token = std::to_string(number) + "." + std::to_string(round);
      const auto version = programs.accounts(number).request_change(mailed_request("1", "b@x.example", token));
      if (!version) return tl::make_unexpected(version.error());
      const auto entry = programs.outbox(number).claim_next(OutboxQueue::mails, noon, std::chrono::seconds{60});
      if (!entry) return tl::make_unexpected(entry.error());
      if (!*entry) continue;
      tokens.push_back((*entry)->message_token);
      const auto sent = programs.outbox(number).mark_sent((*entry)->id, noon);
      if (!sent) return tl::make_unexpected(sent.error());
    }
    return tokens;
  });
  std::multiset<std::string> all;
  for (const auto& tokens : claimed) {
    INFO((tokens ? "" : tokens.error().log_detail));
    REQUIRE(tokens.has_value());
    all.insert(tokens->begin(), tokens->end());
  }
  CHECK(all.size() == many * mails_each);
  CHECK(std::set<std::string>{all.begin(), all.end()}.size() == all.size());
}

TEST_CASE("Of processes that press one link at once exactly one applies it", "[sqlite]") {
  TempFolder folder;
  const std::string file = (folder / "waxseal.db").string();
  LinkVersion version = 0;
  {
    SqliteDatabase database{file, 1};
    REQUIRE(migrate_sqlite(database));
    SqliteStore store{database};
    REQUIRE(store.add_account({"1", "a@x.example", "a@x.example", true}));
    version = store.request_change(request_for("1", "b@x.example")).value();
  }
  const auto codes = in_processes([&](int) {
    SqliteDatabase database{file, 1};
    const auto applied = SqliteStore{database}.apply(change_to("1", "a@x.example", "b@x.example", version));
    return applied ? static_cast<int>(*applied) : 99;
  });
  CHECK(count_of(codes, static_cast<int>(ApplyResult::applied)) == 1);
  CHECK(count_of(codes, static_cast<int>(ApplyResult::stale)) == many - 1);
}

TEST_CASE("Processes that ask for different addresses at once get versions of their own", "[sqlite]") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  const std::string file = storage.file().string();
  const auto codes = in_processes([&](int number) {
    SqliteDatabase database{file, 1};
    const auto version = SqliteStore{database}.request_change(request_for("1", address(number)));
    return version ? static_cast<int>(*version - to_unix_s(noon)) : 99;
  });
  std::vector<int> sorted = codes;
  std::sort(sorted.begin(), sorted.end());
  for (int number = 0; number < many; ++number) CHECK(sorted[static_cast<std::size_t>(number)] == number);
  CHECK(count_pending(storage, "1", static_cast<LinkVersion>(to_unix_s(noon))) == 1);
}

CONTRACT_TEST_CASE("Of requests at once no more are taken than a limit allows", "") {
  TestType storage;
  const LimitCharge five{"per_user", fingerprint(1), {5, std::chrono::hours{1}}};
  const auto taken = all_at_once<bool>([&](int) { return storage.accounts().charge({five}, noon).has_value(); });
  CHECK(count_of(taken, true) == 5);
}

TEST_CASE("Of processes that ask at once no more are taken than a limit allows", "[sqlite]") {
  SqliteStorage storage;
  add_account(storage, "1", "a@x.example");
  const auto codes = in_processes([&](int number) {
    SqliteDatabase database{storage.file().string(), 1};
    SqliteStore store{database};
    ChangeRequest request = mailed_request("1", address(number), "token " + std::to_string(number));
    request.limits = {{"per_user", fingerprint(1), {5, std::chrono::hours{1}}}};
    const auto answer = store.request_change(request);
    if (answer) return 0;
    return answer.error().code == ErrorCode::rate_limited ? 1 : 2;
  });
  CHECK(count_of(codes, 0) == 5);
  CHECK(count_of(codes, 1) == many - 5);
}
