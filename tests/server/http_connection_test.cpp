// Where one request ends and the next begins, and how the server stops.

#include <future>

#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

const std::string hidden_request =
    request_text("POST", register_path, json_type + signed_in(bob_token), R"({"email":"evil@site.example"})");

/// A route that waits until the test lets it go.
struct SlowRoute {
  std::promise<void> started;
  std::promise<void> go_on;
  server::Router router;
  SlowRoute() {
    router.add("POST", "/slow", [this](const server::HttpRequest&) {
      started.set_value();
      go_on.get_future().wait();
      server::HttpResponse response;
      response.body = R"({"slow":true})";
      return response;
    });
    router.add("GET", "/quick", [](const server::HttpRequest&) { return server::HttpResponse{}; });
  }
};

}  // namespace

TEST_CASE("requests that come together are answered in order") {
  HttpFixture site;
  RawConnection connection{site.port()};
  connection.send(
      request_text("GET", "/healthz") +
      request_text("POST", register_path, json_type + signed_in(ada_token), R"({"email":"new@site.example"})") +
      request_text("HEAD", "/healthz") + request_text("GET", "/nowhere"));
  CHECK(connection.read_answer().body == R"({"status":"ok"})");
  CHECK(connection.read_answer().body == R"({"detail":"Register email link email sent"})");
  CHECK(connection.read_answer("HEAD").status == 200);
  CHECK(connection.read_answer().status == 404);
}

TEST_CASE("a request that comes byte by byte is read like any other") {
  HttpFixture site;
  RawConnection connection{site.port()};
  for (const char byte :
       request_text("POST", register_path, json_type + signed_in(ada_token), R"({"email":"new@site.example"})")) {
    connection.send({&byte, 1});
  }
  CHECK(connection.read_answer().status == 200);
}

TEST_CASE("many requests on one connection are answered") {
  HttpFixture site;
  RawConnection connection{site.port()};
  for (int i = 0; i < 100; ++i) {
    connection.send(request_text("GET", "/healthz"));
    REQUIRE(connection.read_answer().status == 200);
  }
}

TEST_CASE("what stands in the body of a request is never taken for the next request") {
  // A proxy that forwards the body as a body must not be made to carry a second request past its own checks.
  HttpFixture site;
  const std::string length = "Content-Length: " + std::to_string(hidden_request.size()) + "\r\n";
  const auto [method, headers] = GENERATE_REF(table<std::string, std::string>({
      {"GET", length},
      {"HEAD", length},
      {"OPTIONS", length},
      {"TRACE", length},
      {"DELETE", length},
      {"PUT", length},
      {"PATCH", length},
      {"POST", length},
      {"POST", "Content-Length: 0\r\n" + length},
      {"POST", length + "Content-Length: 0\r\n"},
      {"POST", "Content-Length: nonsense\r\n"},
      {"POST", "Content-Length: -1\r\n"},
      {"POST", "Content-Length: 1e3\r\n"},
      {"POST", "Content-Length: 0, 5\r\n"},
      {"POST", "Transfer-Encoding: gzip, chunked\r\n" + length},
      {"POST", "Transfer-Encoding: xchunked\r\n" + length},
      {"GET", "Transfer-Encoding: chunked\r\n"},
      // What the library would skip, and with it the length that a proxy may have understood.
      {"POST", "Content-Length : " + std::to_string(hidden_request.size()) + "\r\n"},
      {"POST", "Transfer-Encoding : chunked\r\n"},
      {"POST", "Content-Length: " + std::to_string(hidden_request.size()) + "\n"},
      {"POST", "Content-Length:\r\n " + std::to_string(hidden_request.size()) + "\r\n"},
      {"POST", "Content-Length:\r\n"},
      {"POST", "Content-Length: %32\r\n"},
      {"POST", std::string{"Content-Length\0: 9\r\n", 20}},
      {"POST", "no colon here\r\n"},
      {"GET", "Host: b\r\n"},
  }));
  INFO(method << " " << headers);
  RawConnection connection{site.port()};
  connection.send(method + " " + verify_path + " HTTP/1.1\r\nHost: a\r\n" + json_type + headers + "\r\n");
  // The body comes later, as it may: a server that answers without it must not read it as something else.
  connection.stays_silent(std::chrono::milliseconds{100});
  connection.send(hidden_request);
  const RawAnswer answer = connection.read_answer(method);
  INFO("answered " << answer.status << " " << answer.body);
  CHECK(answer.status >= 400);
  // Either the connection ends here, or its next request is answered, and the hidden one never was.
  if (answer.header("connection") == "close") {
    CHECK(connection.is_closed_by_peer());
  } else {
    connection.send(request_text("GET", "/healthz"));
    CHECK(connection.read_answer().body == R"({"status":"ok"})");
  }
  CHECK(site.state().find("evil") == std::string::npos);
}

TEST_CASE("what follows a request that was not understood is not read") {
  HttpFixture site;
  const std::string start =
      GENERATE(std::string{"nonsense\r\n\r\n"}, "GET /healthz HTTP/1.1\r\nX-Long: " + std::string(20000, 'x') + "\r\n");
  RawConnection connection{site.port()};
  connection.send(start + hidden_request);
  check_refused(connection.read_answer(), 400, "parse-error");
  CHECK(connection.is_closed_by_peer());
  CHECK(site.state().find("evil") == std::string::npos);
}

TEST_CASE("a stopped server answers the running request, refuses new connections, and returns") {
  SlowRoute slow;
  RecordingLog log;
  RunningServer server{slow.router, log};
  RawConnection running{server.port()};
  running.send(request_text("POST", "/slow", json_type, "{}"));
  slow.started.get_future().wait();

  server.stop();
  CHECK_THROWS_WITH(RawConnection{server.port()}, Catch::Contains("refused"));
  CHECK(running.stays_silent(std::chrono::milliseconds{50}));
  slow.go_on.set_value();
  CHECK(running.read_answer().body == R"({"slow":true})");
  server.stop_and_wait();
}

TEST_CASE("a stopped server does not wait for connections that ask for nothing") {
  SlowRoute slow;
  RecordingLog log;
  RunningServer server{slow.router, log};
  RawConnection idle{server.port()};
  RawConnection kept{server.port()};
  kept.send(request_text("GET", "/quick"));
  CHECK(kept.read_answer().status == 200);
  const auto started = std::chrono::steady_clock::now();
  server.stop_and_wait();
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds{4});  // idle connections are kept for 5 s
  CHECK(kept.is_closed_by_peer());
}

TEST_CASE("a server that is stopped before or while it starts returns") {
  server::Router router;
  RecordingLog log;
  for (int i = 0; i < 20; ++i) {
    RunningServer server{router, log};
    server.stop_and_wait();
  }
  SUCCEED("each of them returned");
}

TEST_CASE("a port that is taken is refused, with its address") {
  HttpFixture site;
  server::SystemRandom random;
  const std::string address = "127.0.0.1:" + std::to_string(site.port());
  server::HttpServer second{{address, 1, {}, {}}, site.api().router(), site.log(), random};
  const auto bound = second.bind();
  REQUIRE_FALSE(bound);
  CHECK(bound.error().code == ErrorCode::unavailable);
  CHECK(bound.error().log_detail.find(address) != std::string::npos);
}

TEST_CASE("a head without an end is refused at 16 KiB and not kept growing") {
  HttpFixture site;
  RawConnection connection{site.port()};
  connection.send("GET /healthz HTTP/1.1\r\nHost: a\r\nA: " + std::string(20000, 'a'));
  const RawAnswer answer = connection.read_answer();
  CHECK(answer.status == 400);
  CHECK(answer.body.find("16 KiB") != std::string::npos);
  CHECK(connection.is_closed_by_peer());
}
