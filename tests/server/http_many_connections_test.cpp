// Connections that ask for nothing, or for something very slowly, cost no thread: others are answered.

#include <sys/resource.h>

#include <deque>
#include <thread>

#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

/// Both ends of every connection are files of this process.
void allow_files(rlim_t wanted) {
  rlimit files{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &files) == 0);
  files.rlim_cur = std::max(files.rlim_cur, std::min(files.rlim_max, wanted));
  REQUIRE(setrlimit(RLIMIT_NOFILE, &files) == 0);
  REQUIRE(files.rlim_cur >= wanted);
}

/// Clients that send one byte of a request after the other, a byte each time that `send_a_byte` is called.
class SlowClients {
 public:
  SlowClients(int port, int count, std::string request) : request_(std::move(request)) {
    for (int i = 0; i < count; ++i) connections_.emplace_back(port);
  }
  void send_a_byte() {
    for (RawConnection& connection : connections_) connection.send(std::string_view{request_}.substr(sent_, 1));
    sent_ = std::min(sent_ + 1, request_.size());
  }
  void send_the_rest() {
    for (RawConnection& connection : connections_) connection.send(std::string_view{request_}.substr(sent_));
  }
  int answered_with(int status) {
    int count = 0;
    for (RawConnection& connection : connections_) count += connection.read_answer().status == status ? 1 : 0;
    return count;
  }

 private:
  std::string request_;
  std::size_t sent_ = 0;
  std::deque<RawConnection> connections_;
};

}  // namespace

TEST_CASE("1,000 idle connections and 50 slow ones do not keep others from their answers", "[concurrent]") {
  allow_files(2400);
  HttpFixture site;  // four threads
  std::deque<RawConnection> idle;
  for (int i = 0; i < 1000; ++i) {
    idle.emplace_back(site.port());
    if (i % 2 == 0) continue;  // the others were answered once
    idle.back().send(request_text("GET", "/healthz"));
    REQUIRE(idle.back().read_answer().status == 200);
  }
  const std::string body = R"({"email":"new@site.example"})";
  SlowClients slow_heads{site.port(), 25, request_text("GET", "/healthz")};
  const std::string request = request_text("POST", register_path, json_type + signed_in(ada_token), body);
  SlowClients slow_bodies{site.port(), 25, request};
  for (std::size_t i = 0; i + body.size() / 2 < request.size(); ++i) slow_bodies.send_a_byte();
  for (int i = 0; i < 10; ++i) {
    slow_heads.send_a_byte();
    slow_bodies.send_a_byte();
    const auto begun = std::chrono::steady_clock::now();
    CHECK(exchange(site.port(), "GET", "/healthz").status == 200);
    CHECK(site.register_email("new@site.example").status == 200);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{2});
  }
  slow_heads.send_the_rest();
  slow_bodies.send_the_rest();
  CHECK(slow_heads.answered_with(200) == 25);
  CHECK(slow_bodies.answered_with(200) == 25);
  for (RawConnection& connection : idle) connection.send(request_text("GET", "/healthz"));
  int answered = 0;
  for (RawConnection& connection : idle) answered += connection.read_answer().status == 200 ? 1 : 0;
  CHECK(answered == 1000);
}

TEST_CASE("requests that are refused before their end do not hold a thread while the rest of them comes",
          "[concurrent]") {
  HttpFixture site;  // four threads
  std::deque<RawConnection> refused;
  for (int i = 0; i < 20; ++i) {
    refused.emplace_back(site.port());
    refused.back().send("POST " + std::string{verify_path} + " HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n{");
    check_refused(refused.back().read_answer(), 413, "payload-too-large");
  }
  const auto begun = std::chrono::steady_clock::now();
  CHECK(exchange(site.port(), "GET", "/healthz").status == 200);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds{800});  // of 1 s that each lingers
}

TEST_CASE("a client that waits for leave to send its body gets it") {
  HttpFixture site;
  const std::string body = R"({"email":"new@site.example"})";
  RawConnection connection{site.port()};
  connection.send(request_text("POST", register_path,
                               json_type + signed_in(ada_token) +
                                   "Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"));
  CHECK(connection.read_answer().status == 100);
  connection.send(body);
  RawAnswer answer = connection.read_answer();
  if (answer.status == 100) answer = connection.read_answer();  // leave may be given more than once
  CHECK(answer.status == 200);
}

TEST_CASE("a request that stops in the middle is given up, and its connection closed", "[concurrent]") {
  HttpFixture site;
  RawConnection connection{site.port()};
  connection.send("POST " + std::string{verify_path} + " HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n{");
  const auto begun = std::chrono::steady_clock::now();
  CHECK(connection.is_closed_by_peer());
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{10});  // 5 s of silence
}
