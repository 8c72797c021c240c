// What stands around every answer: caching, request ids, CORS; and what a request's headers must not be able to do.

#include <set>

#include "adapters/mime/gmime_composer.hpp"
#include "flows/deliver_mail.hpp"
#include "http_fixture.hpp"
#include "support/built_in_words.hpp"
#include "support/fake_mail.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

constexpr const char* app_origin = "https://app.example";

server::HttpServerSettings with_origins() {
  server::HttpServerSettings settings;
  settings.cors_origins = {app_origin, "http://localhost:5173"};
  return settings;
}

std::string origin(const std::string& value) { return "Origin: " + value + "\r\n"; }

/// The raw bytes of requests that the HTTP library refuses before a route is asked.
const std::vector<std::string>& requests_that_the_library_refuses() {
  static const std::vector<std::string> requests = {
      "nonsense\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "BREW /api/v1/accounts/verify-email/ HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nX-Long: " + std::string(10000, 'x') + "\r\n\r\n",
      "GET /" + std::string(9000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n",
  };
  return requests;
}

}  // namespace

TEST_CASE("every answer is not to be stored, not to be sniffed, has a request id and no cookie") {
  HttpFixture site;
  const Link link = site.link_for_ada("new@site.example");
  check_common_headers(site.register_email("new@site.example"));
  check_common_headers(post_json(site.port(), verify_path, json_of(link)));
  check_common_headers(post_json(site.port(), verify_path, json_of(link)));
  check_common_headers(post_json(site.port(), verify_path, "{"));
  check_common_headers(post_json(site.port(), register_path, "{}"));
  check_common_headers(post_json(site.port(), verify_path, std::string(server::max_body_bytes + 1, ' ')));
  for (const char* path : {"/healthz", "/readyz", "/nowhere", verify_path}) {
    check_common_headers(exchange(site.port(), "GET", path));
    check_common_headers(exchange(site.port(), "HEAD", path));
    check_common_headers(exchange(site.port(), "OPTIONS", path));
  }
}

TEST_CASE("what the HTTP library refuses by itself has the shape and the headers of any other answer") {
  HttpFixture site;
  for (const std::string& request : requests_that_the_library_refuses()) {
    INFO(request.substr(0, 60));
    RawConnection connection{site.port()};
    connection.send(request);
    const RawAnswer answer = connection.read_answer();
    CHECK(answer.status >= 400);
    CHECK(answer.status < 500);
    check_common_headers(answer);
    check_refused(answer, answer.status, answer.status == 405 ? "method-not-allowed" : "parse-error");
  }
}

TEST_CASE("the key set may be stored for a while and read by any page") {
  HttpFixture site{with_origins()};
  const RawAnswer answer = exchange(site.port(), "GET", "/.well-known/jwks.json", origin("https://else.example"));
  CHECK(answer.status == 200);
  CHECK(answer.header("cache-control") == "public, max-age=300");
  CHECK(answer.header("access-control-allow-origin") == "*");
  CHECK(answer.header("x-content-type-options") == "nosniff");
  const nlohmann::json key = json_body(answer).at("keys").at(0);
  const SigningKey signing_key = numbered_key(1);
  const PublicKey& expected = signing_key.public_key();
  CHECK(key.at("kty") == "OKP");
  CHECK(key.at("crv") == "Ed25519");
  CHECK(key.at("kid") == expected.kid());
  CHECK(key.at("x") == encode_base64url(expected.bytes()));
  CHECK_FALSE(key.contains("d"));
}

TEST_CASE("a request id of the proxy in front is kept") {
  HttpFixture site;
  const std::string id = GENERATE(std::string{"abc-DEF_123.4"}, std::string(32, 'x') + "." + std::string(31, 'y'));
  CHECK(exchange(site.port(), "GET", "/healthz", "X-Request-Id: " + id + "\r\n").header("x-request-id") == id);
  CHECK(site.log().all().find("id=" + id) != std::string::npos);
}

TEST_CASE("a request id that is not fit for a header and a log is replaced") {
  HttpFixture site;
  const std::string id =
      GENERATE(std::string{"two words"}, std::string{"a\"b"}, std::string{"\x01"}, std::string{"caf\xc3\xa9"},
               std::string(65, 'x'), std::string{"a;b"}, std::string{""});
  const std::string given =
      exchange(site.port(), "GET", "/healthz", "X-Request-Id: " + id + "\r\n").header("x-request-id");
  CHECK(given.size() == 16);
  CHECK(given.find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE("request ids differ") {
  HttpFixture site;
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.insert(exchange(site.port(), "GET", "/healthz").header("x-request-id"));
  CHECK(ids.size() == 20);
}

TEST_CASE("a page of a configured origin may read the answers, with their codes") {
  HttpFixture site{with_origins()};
  const std::string allowed = GENERATE("https://app.example", "http://localhost:5173");
  const RawAnswer answer = post_json(site.port(), verify_path, "{}", origin(allowed));
  CHECK(answer.header("access-control-allow-origin") == allowed);
  CHECK(answer.header("access-control-expose-headers") == "Waxseal-Code, Retry-After, X-Request-Id");
  CHECK(answer.header("vary") == "Origin");
  CHECK_FALSE(answer.has("access-control-allow-credentials"));
}

TEST_CASE("origins are compared whole: no other origin is allowed") {
  HttpFixture site{with_origins()};
  const std::string other =
      GENERATE("https://app.example.evil.example", "https://evil.example", "http://app.example", "null",
               "https://app.example:443", "https://APP.example", "https://app.example/", "");
  const RawAnswer answer = post_json(site.port(), verify_path, "{}", origin(other));
  CHECK(answer.status == 400);
  CHECK_FALSE(answer.has("access-control-allow-origin"));
  CHECK(answer.header("vary") == "Origin");
}

TEST_CASE("a preflight request is answered for a configured origin only") {
  HttpFixture site{with_origins()};
  const std::string asks = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n";
  const RawAnswer allowed = exchange(site.port(), "OPTIONS", verify_path, origin(app_origin) + asks);
  CHECK(allowed.status == 204);
  CHECK(allowed.header("access-control-allow-origin") == app_origin);
  CHECK(allowed.header("access-control-allow-methods").find("POST") != std::string::npos);
  CHECK(allowed.header("access-control-allow-headers").find("Content-Type") != std::string::npos);
  CHECK(allowed.header("access-control-allow-headers").find("Authorization") != std::string::npos);
  CHECK(allowed.header("allow") == "POST, OPTIONS");

  const RawAnswer refused = exchange(site.port(), "OPTIONS", verify_path, origin("https://evil.example") + asks);
  CHECK_FALSE(refused.has("access-control-allow-origin"));
  CHECK_FALSE(refused.has("access-control-allow-methods"));
}

TEST_CASE("without configured origins there is no CORS at all") {
  HttpFixture site;
  const RawAnswer answer = post_json(site.port(), verify_path, "{}", origin(app_origin));
  CHECK_FALSE(answer.has("access-control-allow-origin"));
}

TEST_CASE("threat 15: hostile hosts do not reach the link") {
  HttpFixture site;
  const std::string hostile =
      GENERATE("X-Forwarded-Host: evil.example\r\n", "Forwarded: host=evil.example\r\n",
               "X-Forwarded-Proto: ftp\r\nX-Host: evil.example\r\n", "X-Original-URL: //evil.example/\r\n");
  RawConnection connection{site.port()};
  const std::string body = R"({"email":"new@site.example"})";
  connection.send("POST " + std::string{register_path} + " HTTP/1.1\r\nHost: evil.example\r\n" + hostile + json_type +
                  signed_in(ada_token) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  CHECK(connection.read_answer().status == 200);

  const server::MailPolicy mail = server::mail_policy_of(site_configuration().settings);
  BuiltInWords templates;
  server::IcuTimeWords time_words;
  server::GmimeComposer composer;
  ScriptedSender sender;
  server::DeliverMail deliver{site.api().policy(),
                              mail,
                              site.api().rules(),
                              {site.api().policy(), site.keys()},
                              {site.store(), site.store(), templates, time_words, composer, sender, site.clock(),
                               site.api().random(), site.log()}};
  while (deliver.deliver_next()) {
  }
  REQUIRE(sender.attempts.size() == 2);
  CHECK(sender.attempts[0].bytes.find("https://site.example/undo-email/?user_id") != std::string::npos);
  CHECK(sender.attempts[1].bytes.find("https://site.example/verify-email/?user_id") != std::string::npos);
  for (const server::Message& message : sender.attempts) CHECK(message.bytes.find("evil") == std::string::npos);
}

TEST_CASE("a body's answer never names the address of the server or a path of the machine") {
  HttpFixture site;
  for (const std::string& request : requests_that_the_library_refuses()) {
    RawConnection connection{site.port()};
    connection.send(request);
    const RawAnswer answer = connection.read_answer();
    CHECK(answer.body.find("127.0.0.1") == std::string::npos);
    CHECK_FALSE(answer.has("server"));
  }
}
