// Limits as a client meets them: 429, how long to wait, and answers that all look alike.

#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

constexpr server::Rate once_an_hour{1, std::chrono::hours{1}};

struct LimitedSite : HttpFixture {
  explicit LimitedSite(server::HttpServerSettings settings = {}) : HttpFixture(std::move(settings)) {}
  server::LimitPolicy& limits() { return api().limits(); }
  RawAnswer ask(const char* token, const std::string& email, const std::string& headers = "") {
    return post_json(port(), register_path, R"({"email":")" + email + R"("})", signed_in(token) + headers);
  }
};

server::HttpServerSettings behind_a_proxy_on_this_machine() {
  server::HttpServerSettings settings;
  settings.trusted_proxies = {server::IpNetwork::parse("127.0.0.1").value()};
  return settings;
}

}  // namespace

TEST_CASE("a limit that is reached is 429 with the seconds to wait, and changes nothing") {
  LimitedSite site;
  site.limits().per_user = once_an_hour;
  CHECK(site.ask(ada_token, "a@site.example").status == 200);
  site.state();  // takes the mail out
  const std::string before = site.state();
  const RawAnswer answer = site.ask(ada_token, "b@site.example");
  check_refused(answer, 429, "rate-limited");
  CHECK(answer.body == R"({"detail":"Request was throttled.","code":"rate-limited"})");
  CHECK(answer.header("retry-after") == "3600");
  check_common_headers(answer);
  CHECK(site.state() == before);
  site.clock().advance(std::chrono::hours{1});
  CHECK(site.ask(ada_token, "b@site.example").status == 200);
}

TEST_CASE("refusals look alike, whatever limit is reached and whether the address is taken; the log knows") {
  const auto refusal = [](std::optional<server::Rate> server::LimitPolicy::*limit, const char* email) {
    LimitedSite site;
    site.limits().*limit = once_an_hour;
    CHECK(site.ask(ada_token, email).status == 200);
    const RawAnswer answer = site.ask(ada_token, email);
    CHECK(answer.status == 429);
    site.server().stop_and_wait();
    return std::pair{answer.body + answer.header("retry-after"), site.log().lines().back()};
  };
  const auto [first, log] = refusal(&server::LimitPolicy::per_user, "free@site.example");
  CHECK(log.find("code=rate-limited reason=per_user") != std::string::npos);
  for (const auto limit :
       {&server::LimitPolicy::per_user, &server::LimitPolicy::per_address, &server::LimitPolicy::per_domain,
        &server::LimitPolicy::per_ip, &server::LimitPolicy::global}) {
    CHECK(refusal(limit, "free@site.example").first == first);
    CHECK(refusal(limit, "bob@site.example").first == first);
  }
}

TEST_CASE("requests that are refused for another reason are not counted") {
  LimitedSite site;
  site.limits().per_user = site.limits().per_ip = site.limits().global = once_an_hour;
  for (int i = 0; i < 3; ++i) {
    check_refused(site.ask("nobody's token", "a@site.example"), 401, "invalid-token");
    check_refused(site.ask(ada_token, "no address"), 400, "invalid-fields");
    check_refused(post_json(site.port(), register_path, "{", signed_in(ada_token)), 400, "parse-error");
  }
  CHECK(site.ask(ada_token, "a@site.example").status == 200);
}

TEST_CASE("threat 23: behind a trusted proxy each client has a limit of its own; a client cannot choose whose") {
  LimitedSite site{behind_a_proxy_on_this_machine()};
  site.limits().per_ip = once_an_hour;
  const auto from = [&](const std::string& forwarded_for) {
    return site.ask(ada_token, "a@site.example", "X-Forwarded-For: " + forwarded_for + "\r\n").status;
  };
  CHECK(from("198.51.100.7") == 200);
  CHECK(from("203.0.113.1, 198.51.100.7") == 429);
  CHECK(from("198.51.100.8") == 200);
  CHECK(from("2001:db8::1") == 200);
  CHECK(from("2001:db8::ffff:2") == 429);
}

TEST_CASE("threat 23: without trusted proxies X-Forwarded-For is no way around a limit") {
  LimitedSite site;
  site.limits().per_ip = once_an_hour;
  CHECK(site.ask(ada_token, "a@site.example", "X-Forwarded-For: 198.51.100.7\r\n").status == 200);
  CHECK(site.ask(ada_token, "a@site.example", "X-Forwarded-For: 198.51.100.8\r\n").status == 429);
}

TEST_CASE("verify-email is not limited: a signature cannot be guessed") {
  LimitedSite site;
  site.limits() = {once_an_hour, once_an_hour, once_an_hour, once_an_hour, once_an_hour};
  const Link link = site.link_for_ada("new@site.example");
  for (int i = 0; i < 3; ++i) CHECK(post_json(site.port(), verify_path, json_of(link)).status == 200);
}
