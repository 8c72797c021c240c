// Rows 23 and 24 of the threats: who is counted as whom, and that nobody uses up another's.

#include "flows/limits.hpp"

#include "site.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Rate five_an_hour{5, hours{1}};
constexpr UnixTime start = from_unix_s(1700000000);

/// How long the use of a limit has to wait; 0 if it was taken.
seconds use(std::optional<LimitLevel>& level, const Rate& rate, UnixTime now) {
  const LimitUse used = use_limit(level, rate, now);
  level = used.level;
  return used.wait;
}

IpAddress ip(const char* text) { return IpAddress::parse(text).value(); }

struct LimitedSite : Site {
  LimitedSite() {
    for (const char* id : {"1", "2", "3"}) add(id, std::string{"old"} + id + "@home.example");
  }
  /// "ok", or "rate-limited <seconds>", or the name of another refusal.
  std::string ask_from(const std::string& id, const std::string& email, const char* client = "198.51.100.7") {
    const auto asked = register_email.request(account(id), rules.parse(email).value(), "en", ip(client));
    if (asked) return "ok";
    const std::string code{wire_name(asked.error().code)};
    return asked.error().retry_after ? code + " " + std::to_string(asked.error().retry_after->count()) : code;
  }
  int queued() {
    int count = 0;
    while (store.claim_next(OutboxQueue::mails, clock.now(), hours{1}).value()) ++count;
    return count;
  }
};

}  // namespace

TEST_CASE("a limit is used at once up to its count, and comes back evenly over its period") {
  std::optional<LimitLevel> level;
  for (int i = 0; i < 5; ++i) CHECK(use(level, five_an_hour, start) == seconds{0});
  CHECK(use(level, five_an_hour, start) == minutes{12});
  CHECK(use(level, five_an_hour, start + minutes{12} - seconds{1}) == seconds{1});
  CHECK(use(level, five_an_hour, start + minutes{12}) == seconds{0});
  CHECK(use(level, five_an_hour, start + minutes{12}) == minutes{12});
  for (int i = 0; i < 5; ++i) CHECK(use(level, five_an_hour, start + hours{2}) == seconds{0});
  CHECK(use(level, five_an_hour, start + hours{2}) == minutes{12});
}

TEST_CASE("waiting as long as a refusal says is enough") {
  for (const Rate& rate :
       {Rate{1, seconds{1}}, Rate{3, seconds{10}}, Rate{7, hours{1}}, Rate{1000000, hours{24}}, Rate{1, hours{720}}}) {
    INFO(rate.count << "/" << rate.period.count() << "s");
    std::optional<LimitLevel> level;
    UnixTime now = start;
    for (std::int64_t i = 0; i < std::min<std::int64_t>(rate.count, 50); ++i)
      CHECK(use(level, rate, now) == seconds{0});
    level = limit_level_of(now) + std::chrono::microseconds{rate.period}.count();  // all used up
    const seconds wait = use(level, rate, now);
    REQUIRE(wait >= seconds{1});
    CHECK(use(level, rate, now + wait) == seconds{0});
  }
}

TEST_CASE("a count that does not divide the period is used whole") {
  std::optional<LimitLevel> level;
  for (int i = 0; i < 7; ++i) CHECK(use(level, {7, seconds{1}}, start) == seconds{0});
  CHECK(use(level, {7, seconds{1}}, start) == seconds{1});
}

TEST_CASE("a clock that was wrong, or a longer period of before, locks nobody out for longer than the limit does") {
  std::optional<LimitLevel> level = limit_level_of(start + hours{24 * 365});
  CHECK(use(level, five_an_hour, start) == minutes{12});
  CHECK(use(level, five_an_hour, start + minutes{12}) == seconds{0});
  level = limit_level_of(start - hours{24 * 365});
  CHECK(use(level, five_an_hour, start) == seconds{0});
}

TEST_CASE("a use that is refused takes nothing") {
  std::optional<LimitLevel> level;
  for (int i = 0; i < 5; ++i) use(level, five_an_hour, start);
  for (int i = 0; i < 100; ++i) CHECK(use(level, five_an_hour, start) == minutes{12});
}

TEST_CASE_METHOD(LimitedSite, "without limits everything is taken") {
  for (int i = 0; i < 50; ++i) CHECK(ask_from("1", "new@site.example") == "ok");
}

TEST_CASE_METHOD(LimitedSite,
                 "threat 24: an account has its own limit, whatever it asks for, and mails nothing beyond it") {
  limits.per_user = {2, hours{1}};
  CHECK(ask_from("1", "a@site.example") == "ok");
  CHECK(ask_from("1", "b@other.example", "2001:db8::1") == "ok");
  CHECK(queued() == 2);
  const LinkState before = store.link_state("1").value();
  CHECK(ask_from("1", "c@third.example", "203.0.113.9") == "rate-limited 1800");
  CHECK(store.link_state("1").value().version == before.version);
  CHECK(queued() == 0);
  CHECK(ask_from("2", "a@site.example") == "ok");
  clock.advance(minutes{30});
  CHECK(ask_from("1", "c@third.example") == "ok");
}

TEST_CASE_METHOD(LimitedSite, "threat 24: nobody uses up another's limit for an address") {
  limits.per_address = {1, hours{1}};
  CHECK(ask_from("1", "victim@site.example") == "ok");
  CHECK(ask_from("1", "victim@site.example") == "rate-limited 3600");
  CHECK(ask_from("1", "else@site.example") == "ok");
  CHECK(ask_from("2", "victim@site.example") == "ok");
}

TEST_CASE_METHOD(LimitedSite, "threat 23: letter case and the spelling of a domain are no way around a limit") {
  limits.per_address = {1, hours{1}};
  policy.email_match = EmailMatch::exact;
  CHECK(ask_from("1",
                 "victim@b\xc3\xbc"
                 "cher.example") == "ok");
  for (const char* same : {"VICTIM@b\xc3\xbc"
                           "cher.example",
                           "victim@xn--bcher-kva.example", "Victim@XN--BCHER-KVA.Example"}) {
    INFO(same);
    CHECK(ask_from("1", same) == "rate-limited 3600");
  }
}

TEST_CASE_METHOD(LimitedSite,
                 "threat 24: a domain is mailed so often by all accounts together, whatever its spelling") {
  limits.per_domain = {2, hours{1}};
  CHECK(ask_from("1", "a@site.example") == "ok");
  CHECK(ask_from("2", "b@SITE.example") == "ok");
  CHECK(ask_from("3", "c@site.example") == "rate-limited 1800");
  CHECK(ask_from("3", "c@sub.site.example") == "ok");
}

TEST_CASE_METHOD(
    LimitedSite,
    "threat 24: an account that is over its own limit takes nothing of a domain's, so that it cannot use it up") {
  limits.per_user = {2, hours{1}};
  limits.per_domain = {3, hours{1}};
  for (int i = 0; i < 20; ++i) ask_from("1", "a" + std::to_string(i) + "@site.example");
  CHECK(ask_from("2", "b@site.example") == "ok");
  CHECK(ask_from("2", "c@site.example") == "rate-limited 1200");
}

TEST_CASE_METHOD(LimitedSite, "threat 23: one IPv4 address is one client; an IPv6 network of 64 bits is, too") {
  limits.per_ip = {1, hours{1}};
  CHECK(ask_from("1", "a@site.example", "198.51.100.7") == "ok");
  CHECK(ask_from("2", "b@site.example", "198.51.100.7") == "rate-limited 3600");
  CHECK(ask_from("2", "b@site.example", "::ffff:198.51.100.7") == "rate-limited 3600");
  CHECK(ask_from("2", "b@site.example", "198.51.100.8") == "ok");
  CHECK(ask_from("1", "c@site.example", "2001:db8:1:2::1") == "ok");
  CHECK(ask_from("3", "c@site.example", "2001:db8:1:2:ffff::1") == "rate-limited 3600");
  CHECK(ask_from("3", "c@site.example", "2001:db8:1:3::1") == "ok");
}

TEST_CASE_METHOD(LimitedSite, "threat 24: the overall limit is everybody's") {
  limits.global = {2, hours{1}};
  CHECK(ask_from("1", "a@site.example", "198.51.100.7") == "ok");
  CHECK(ask_from("2", "b@other.example", "2001:db8::1") == "ok");
  CHECK(ask_from("3", "c@third.example", "203.0.113.9") == "rate-limited 1800");
}

TEST_CASE_METHOD(LimitedSite, "of several limits that are reached the longest wait is told") {
  limits.per_user = {1, minutes{10}};
  limits.per_address = {1, hours{1}};
  CHECK(ask_from("1", "a@site.example") == "ok");
  CHECK(ask_from("1", "b@site.example") == "rate-limited 600");
  CHECK(ask_from("1", "a@site.example") == "rate-limited 3600");
}

TEST_CASE_METHOD(LimitedSite, "a taken address is counted as a free one is") {
  limits.per_user = {2, hours{1}};
  CHECK(ask_from("1", "old2@home.example") == "ok");
  CHECK(ask_from("1", "free@home.example") == "ok");
  CHECK(ask_from("1", "old2@home.example") == ask_from("1", "free@home.example"));
}

TEST_CASE_METHOD(LimitedSite, "with verification off the limits hold, also for answers that an address is taken") {
  policy.verification_enabled = false;
  limits.per_user = {2, hours{1}};
  CHECK(ask_from("1", "old2@home.example") == "email-already-registered");
  CHECK(ask_from("1", "old3@home.example") == "email-already-registered");
  CHECK(ask_from("1", "free@home.example") == "rate-limited 1800");
  CHECK(email_of("1") == "old1@home.example");
}
