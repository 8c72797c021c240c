// Failures of other systems, see SECURITY.md: what a press may and may not do. Each test is named after its row there.

#include <sys/wait.h>
#include <unistd.h>

#include <latch>
#include <set>
#include <thread>
#include <vector>

#include "site.hpp"
#include "storages.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

struct AdasSite : Site {
  AdasSite() { add("1", "a@x.example"); }
};

constexpr int presses_each = 16;

/// Presses the link in 16 threads that start together, on a database connection each. The number of "verified", or 99 if any
/// other answer was neither that nor "already-verified".
int press_in_threads(const std::string& file, const Link& link) {
  SqliteDatabase database{file, presses_each};
  SqliteStore store{database};
  LinkPolicy policy;
  const Libidn2Encoder encoder;
  const EmailRules rules{policy, encoder};
  FixedLinkKeys keys;
  const FixedClock clock;
  VerifyEmail verify_email{policy, rules, {store, keys, clock}};
  std::vector<int> outcomes(presses_each, 99);
  std::latch start{presses_each};
  std::vector<std::thread> threads;
  for (int& outcome : outcomes) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      const auto pressed = verify_email.verify(link);
      if (pressed) outcome = *pressed == VerifyOutcome::verified ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  int verified = 0;
  for (const int outcome : outcomes) verified = outcome == 99 ? 99 : std::min(99, verified + outcome);
  return verified;
}

int exit_code_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE_METHOD(AdasSite, "threat 2: a link sets the address that it was signed for, whatever was asked for since") {
  policy.latest_only = false;  // with it, the older link is refused altogether
  const Link asked_first = ask_for_link("1", "b@x.example");
  ask("1", "c@x.example");
  Link exchanged = asked_first;
  exchanged.email = "c@x.example";
  CHECK(press(exchanged) == "signature-invalid");
  CHECK(email_of("1") == "a@x.example");
  CHECK(press(asked_first) == "verified");
  CHECK(email_of("1") == "b@x.example");
}

TEST_CASE("threat 3: of 2 processes with 16 threads each that press one link, one changes the address",
          "[sqlite][concurrent]") {
  TempFolder folder;
  const std::string file = (folder / "waxseal.db").string();
  Link link;
  {
    SqliteDatabase database{file, 1};
    must(migrate_sqlite(database));
    SqliteStore store{database};
    must(store.add_account({"1", "a@x.example", "a@x.example", true}));
    const LinkVersion version = must(store.request_change(request_for("1", "b@x.example")));
    LinkPolicy policy;
    policy.verification_url = "https://app.example/verify/";
    FixedLinkKeys keys;
    link =
        must(LinkIssuer{policy, keys}.issue_ed25519(*must(store.find_account("1")), "b@x.example", version, noon)).link;
  }
  std::vector<pid_t> children;
  for (int number = 0; number < 2; ++number) {
    const pid_t child = fork();
    if (child == 0) _exit(press_in_threads(file, link));
    children.push_back(child);
  }
  std::multiset<int> verified;
  for (const pid_t child : children) verified.insert(exit_code_of(child));
  CHECK(verified == std::multiset<int>{0, 1});
  SqliteDatabase database{file, 1};
  CHECK(must(SqliteStore{database}.find_account("1"))->email == "b@x.example");
}

TEST_CASE_METHOD(AdasSite,
                 "threat 18: a second click, a used, a replaced, an expired and a forged link are told apart") {
  const Link used = ask_for_link("1", "b@x.example");
  CHECK(press(used) == "verified");
  CHECK(press(used) == "already-verified");
  const Link replaced = ask_for_link("1", "c@x.example");
  const Link newest = ask_for_link("1", "d@x.example");
  CHECK(press(replaced) == "link-superseded");
  CHECK(press(newest) == "verified");
  CHECK(press(used) == "link-used");
  Link forged = newest;
  forged.email = "e@x.example";
  CHECK(press(forged) == "signature-invalid");
  const Link late = ask_for_link("1", "f@x.example");
  clock.advance(policy.period + std::chrono::seconds{1});
  CHECK(press(late) == "signature-expired");
}
