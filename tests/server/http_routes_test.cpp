// Paths and methods: what is there, what is not, and that looking changes nothing.

#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::test;

TEST_CASE("a path is the same with and without its final slash") {
  HttpFixture site;
  CHECK(post_json(site.port(), "/api/v1/accounts/register-email", R"({"email":"a@site.example"})", signed_in(ada_token))
            .status == 200);
  check_refused(post_json(site.port(), "/api/v1/accounts/verify-email", "{}"), 400, "invalid-fields");
}

TEST_CASE("a query on a POST is ignored") {
  HttpFixture site;
  const RawAnswer answer =
      post_json(site.port(), std::string{verify_path} + "?user_id=1&email=x&timestamp=1&signature=y", "{}");
  check_refused(answer, 400, "invalid-fields");
  CHECK(json_body(answer).at("user_id").at(0) == "This field is required.");
}

TEST_CASE("an unknown path is answered with 404") {
  HttpFixture site;
  const std::string path =
      GENERATE("/", "/nowhere", "/api/v1/accounts/", "/api/v1/accounts//verify-email/", "/api/v1/verify-email/",
               "/API/v1/accounts/verify-email/", "/api/v1/accounts/verify-email/x", "/demo/api/users",
               "/.well-known/../healthz", "/metrics", "/%00");
  const std::string method = GENERATE("GET", "POST", "PUT", "DELETE", "PATCH");
  check_refused(exchange(site.port(), method, path, json_type, method == "GET" ? "" : "{}"), 404, "not-found");
}

TEST_CASE("another method is answered with 405 and the allowed ones") {
  HttpFixture site;
  const std::string method = GENERATE("GET", "PUT", "PATCH", "DELETE", "TRACE");
  const std::string path = GENERATE(register_path, verify_path, undo_path);
  const RawAnswer answer = exchange(site.port(), method, path, signed_in(ada_token));
  check_refused(answer, 405, "method-not-allowed");
  CHECK(answer.header("allow") == "POST, OPTIONS");
  CHECK(json_body(answer).at("detail") == "Method \"" + method + "\" not allowed.");
}

TEST_CASE("threat 17: GET and HEAD with a whole link in the query change nothing") {
  HttpFixture site;
  const Link link = site.link_for_ada("new@site.example");
  const std::string before = site.state();
  const std::string query = std::string{verify_path} +
                            "?user_id=1&email=new%40site.example&timestamp=" + link.timestamp +
                            "&signature=" + link.signature;
  check_refused(exchange(site.port(), "GET", query), 405, "method-not-allowed");
  const RawAnswer head = exchange(site.port(), "HEAD", query);
  CHECK(head.status == 405);
  CHECK(head.header("waxseal-code") == "method-not-allowed");
  CHECK(site.state() == before);
  CHECK(post_json(site.port(), verify_path, json_of(link)).header("waxseal-code") == "verified");
}

TEST_CASE("a method override does not turn a GET into a POST") {
  HttpFixture site;
  const std::string before = site.state();
  const std::string headers = "X-HTTP-Method-Override: POST\r\n" + signed_in(ada_token);
  CHECK(exchange(site.port(), "GET", std::string{register_path} + "?email=a%40site.example", headers).status == 405);
  CHECK(site.state() == before);
}

TEST_CASE("GET routes answer HEAD with the same headers and no body, and refuse POST") {
  HttpFixture site;
  const std::string path = GENERATE("/healthz", "/readyz", "/.well-known/jwks.json");
  RawConnection connection{site.port()};
  connection.send(request_text("HEAD", path) + request_text("GET", path));
  const RawAnswer head = connection.read_answer("HEAD");
  const RawAnswer get = connection.read_answer();
  CHECK(head.status == 200);
  CHECK(get.status == 200);
  CHECK(head.header("content-length") == std::to_string(get.body.size()));
  CHECK(head.header("content-type") == "application/json");
  const RawAnswer post = post_json(site.port(), path, "{}");
  check_refused(post, 405, "method-not-allowed");
  CHECK(post.header("allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("a pressed button changes the address once, and a second press is no error") {
  HttpFixture site;
  const std::string body = json_of(site.link_for_ada("new@site.example"));
  const RawAnswer first = post_json(site.port(), verify_path, body);
  CHECK(first.status == 200);
  CHECK(json_body(first) == nlohmann::json{{"detail", "Email verified successfully"}, {"code", "verified"}});
  const RawAnswer second = post_json(site.port(), verify_path, body);
  CHECK(second.status == 200);
  CHECK(json_body(second) == nlohmann::json{{"detail", "Email verified successfully"}, {"code", "already-verified"}});
  CHECK(second.header("waxseal-code") == "already-verified");
  CHECK(site.email_of("1") == "new@site.example");
}

TEST_CASE("verify-email never reads Authorization") {
  HttpFixture site;
  const std::string credentials =
      GENERATE("Authorization: Token nope\r\n", "Authorization: Basic eDp5\r\n", "Authorization:\r\n");
  const RawAnswer answer =
      post_json(site.port(), verify_path, json_of(site.link_for_ada("new@site.example")), credentials);
  CHECK(answer.status == 200);
  CHECK_FALSE(answer.has("www-authenticate"));
}

TEST_CASE("threat 20: register-email says the same of a free and of a taken address") {
  HttpFixture site;
  const RawAnswer free = site.register_email("free@site.example");
  const RawAnswer taken = site.register_email("bob@site.example");
  CHECK(free.status == taken.status);
  CHECK(free.body == taken.body);
  CHECK(free.has("waxseal-code") == taken.has("waxseal-code"));
}

TEST_CASE("without good credentials nothing is queued") {
  HttpFixture site;
  const auto [header, code] = GENERATE(table<std::string, std::string>({
      {"", "not-authenticated"},
      {"Authorization: Basic eDp5\r\n", "not-authenticated"},
      {"Authorization: Token\r\n", "invalid-token"},
      {"Authorization: Token nope\r\n", "invalid-token"},
      {"Authorization: Token a b\r\n", "invalid-token"},
  }));
  const std::string before = site.state();
  const RawAnswer answer = post_json(site.port(), register_path, R"({"email":"new@site.example"})", header);
  check_refused(answer, 401, code);
  CHECK(answer.header("www-authenticate") == "Token");
  CHECK(site.state() == before);
}

TEST_CASE("an inactive account may not ask") {
  HttpFixture site;
  site.store().set_active("1", false);
  const std::string before = site.state();
  check_refused(site.register_email("new@site.example"), 401, "user-inactive");
  CHECK(site.state() == before);
}

TEST_CASE("the base path is the configured one") {
  RecordingLog log;
  server::MemoryStore store;
  FixedLinkKeys keys;
  FixedClock clock;
  server::Configuration configuration = site_configuration();
  configuration.settings.server.base_path = GENERATE("/accounts", "/");
  const std::string base = configuration.settings.server.base_path == "/" ? "" : "/accounts";
  ApiUnderTest api{configuration, {store, keys, clock}};
  RunningServer server{api.router(), log};
  check_refused(post_json(server.port(), base + "/verify-email/", "{}"), 400, "invalid-fields");
  check_refused(post_json(server.port(), verify_path, "{}"), 404, "not-found");
}
