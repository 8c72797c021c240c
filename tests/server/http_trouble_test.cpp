// When the storage does not answer, when a handler throws; and what the log may say of a request.

#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

/// A store that cannot answer now, with a reason that no client may see.
class FailingStore final : public server::AccountStore {
 public:
  explicit FailingStore(ErrorCode code) : code_(code) {}
  Result<std::optional<server::Account>> find_account(std::string_view) override { return failure(); }
  Result<std::optional<server::Account>> find_account_by_token(std::string_view) override { return failure(); }
  Result<server::LinkState> link_state(std::string_view) override { return failure(); }
  Result<std::optional<server::ChangeRecord>> find_change(std::string_view, LinkVersion) override { return failure(); }
  Result<bool> is_link_remembered(const ByteArray<32>&) override { return failure(); }
  tl::expected<LinkVersion, server::RequestRefusal> request_change(const server::ChangeRequest&) override {
    return failure();
  }
  tl::expected<void, server::RequestRefusal> charge(const std::vector<server::LimitCharge>&, UnixTime) override {
    return failure();
  }
  Result<server::ApplyResult> apply(const server::ChangeToApply&) override { return failure(); }
  Result<server::UndoAnswer> undo(const server::ChangeToUndo&) override { return failure(); }
  Result<void> check_ready() override { return failure(); }

 private:
  tl::unexpected<Error> failure() const { return fail(code_, "/var/lib/waxseal.db: disk I/O error"); }
  ErrorCode code_;
};

struct TroubledSite {
  explicit TroubledSite(ErrorCode code) : store(code) {}
  FailingStore store;
  FixedLinkKeys keys;
  FixedClock clock;
  RecordingLog log;
  ApiUnderTest api{site_configuration(), {store, keys, clock}};
  RunningServer server{api.router(), log};

  Link signed_link() {
    const server::LinkIssuer issuer{api.policy(), keys};
    return issuer.issue_ed25519({"1", "ada@site.example", true, ""}, "new@site.example", 1, clock.now()).value().link;
  }
};

}  // namespace

TEST_CASE("while the storage does not answer, requests get 503 and when to try again; the reason stays in the log") {
  TroubledSite site{ErrorCode::unavailable};
  std::vector<RawAnswer> answers;
  answers.push_back(
      post_json(site.server.port(), register_path, R"({"email":"new@site.example"})", signed_in(ada_token)));
  answers.push_back(post_json(site.server.port(), verify_path, json_of(site.signed_link())));
  answers.push_back(exchange(site.server.port(), "GET", "/readyz"));
  for (const RawAnswer& answer : answers) {
    check_refused(answer, 503, "unavailable");
    check_common_headers(answer);
    CHECK(std::stoi(answer.header("retry-after")) > 0);
    CHECK(answer.body.find("waxseal.db") == std::string::npos);
  }
  CHECK(site.log.all().find("disk I/O error") != std::string::npos);
  CHECK(exchange(site.server.port(), "GET", "/healthz").status == 200);
}

TEST_CASE("a storage that answers nonsense is our fault: 500, and nothing of it in the answer") {
  TroubledSite site{ErrorCode::internal};
  const RawAnswer answer = post_json(site.server.port(), verify_path, json_of(site.signed_link()));
  check_refused(answer, 500, "internal");
  CHECK_FALSE(answer.has("retry-after"));
  CHECK(answer.body.find("waxseal.db") == std::string::npos);
}

TEST_CASE("a bad signature is refused before the storage is asked") {
  TroubledSite site{ErrorCode::unavailable};
  Link link = site.signed_link();
  link.email = "other@site.example";
  check_refused(post_json(site.server.port(), verify_path, json_of(link)), 400, "signature-invalid");
}

TEST_CASE("wrong fields and an expired link are refused before the storage is asked") {
  TroubledSite site{ErrorCode::unavailable};
  const Link link = site.signed_link();
  site.clock.advance(std::chrono::hours{24 * 8});
  check_refused(post_json(site.server.port(), verify_path, json_of(link)), 400, "signature-expired");
  check_refused(post_json(site.server.port(), verify_path, "{}"), 400, "invalid-fields");
}

TEST_CASE("an exception in a handler is answered with 500 in the usual shape, and the server lives on") {
  server::Router router;
  router.add("GET", "/throws",
             [](const server::HttpRequest&) -> server::HttpResponse { throw std::runtime_error{"secret reason"}; });
  router.add("GET", "/fine", [](const server::HttpRequest&) { return server::HttpResponse{}; });
  RecordingLog log;
  RunningServer server{router, log};
  const RawAnswer answer = exchange(server.port(), "GET", "/throws");
  check_refused(answer, 500, "internal");
  check_common_headers(answer);
  CHECK(answer.body.find("secret reason") == std::string::npos);
  CHECK(log.all().find("exception") != std::string::npos);
  CHECK(log.all().find("id=" + answer.header("x-request-id")) != std::string::npos);
  CHECK(log.all().find("secret reason") != std::string::npos);
  CHECK(exchange(server.port(), "GET", "/fine").status == 200);
}

TEST_CASE("threat 19: each request has one log line, with its id, and without signature, token, address or body") {
  HttpFixture site;
  const Link link = site.link_for_ada("new@site.example");
  Link altered = link;
  altered.email = "other@site.example";
  site.register_email("asked@site.example");
  post_json(site.port(), verify_path, json_of(altered));
  const RawAnswer verified = post_json(site.port(), verify_path, json_of(link));
  post_json(site.port(), verify_path, json_of(link));
  exchange(site.port(), "GET",
           std::string{verify_path} + "?user_id=1&email=new%40site.example&timestamp=1&signature=" + link.signature);
  exchange(site.port(), "POST", register_path, "Content-Type: text/x-" + link.signature + "\r\n" + signed_in(ada_token),
           "x");
  post_json(site.port(), register_path, R"({"email":"x"})", "Authorization: Token not-a-good-token-but-secret\r\n");
  site.server().stop_and_wait();

  const std::string log = site.log().all();
  INFO(log);
  CHECK(site.log().lines().size() == 7);
  CHECK(log.find("id=" + verified.header("x-request-id")) != std::string::npos);
  CHECK(log.find("code=signature-invalid") != std::string::npos);
  CHECK(log.find(link.signature) == std::string::npos);
  CHECK(log.find(ada_token) == std::string::npos);
  CHECK(log.find("not-a-good-token-but-secret") == std::string::npos);
  for (const char* address : {"new@site.example", "other@site.example", "asked@site.example", "ada@site.example"}) {
    CHECK(log.find(address) == std::string::npos);
  }
}

TEST_CASE("the log names the route, never the path: a path may hold a link") {
  HttpFixture site;
  exchange(site.port(), "GET", "/x%0Arequest%20status=200/signature-in-a-path");
  exchange(site.port(), "GET", "/healthz?signature-in-a-query");
  const std::string log = site.log().all();
  CHECK(site.log().lines().size() == 2);
  CHECK(log.find("signature-in") == std::string::npos);
  CHECK(log.find("route=/healthz") != std::string::npos);
}
