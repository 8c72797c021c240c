// Where a request came from, seen over a real socket: the peer, and the client that a trusted proxy names.

#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

server::HttpServerSettings behind_a_proxy_on_this_machine() {
  server::HttpServerSettings settings;
  settings.trusted_proxies = {server::IpNetwork::parse("127.0.0.1").value()};
  return settings;
}

/// The part of the log line of one request that says where it came from.
std::string logged_source(HttpFixture& site, const std::string& headers) {
  exchange(site.port(), "GET", "/healthz", headers);
  site.server().stop_and_wait();  // the line is written after the answer was sent
  const std::string line = site.log().lines().back();
  const std::size_t start = line.find("peer=");
  return line.substr(start, line.find(" duration_us=") - start);
}

}  // namespace

TEST_CASE("the log line of a request carries the client's address that a trusted proxy names") {
  HttpFixture site{behind_a_proxy_on_this_machine()};
  CHECK(logged_source(site, "X-Forwarded-For: 203.0.113.9, 2001:db8::7\r\n") == "peer=127.0.0.1 client=2001:db8::7");
}

TEST_CASE("X-Forwarded-For may stand in several lines, which are read as one list") {
  HttpFixture site{behind_a_proxy_on_this_machine()};
  CHECK(logged_source(site, "X-Forwarded-For: 203.0.113.9\r\nx-forwarded-for: 198.51.100.7\r\n") ==
        "peer=127.0.0.1 client=198.51.100.7");
}

TEST_CASE("X-Forwarded-For of a peer that is not trusted is ignored, and other headers are never asked") {
  HttpFixture site;
  CHECK(logged_source(site, "X-Forwarded-For: 198.51.100.7\r\n") == "peer=127.0.0.1 client=127.0.0.1");
  HttpFixture behind{behind_a_proxy_on_this_machine()};
  CHECK(logged_source(behind,
                      "X-Real-IP: 198.51.100.7\r\nForwarded: for=198.51.100.7\r\nREMOTE_ADDR: 198.51.100.7\r\n") ==
        "peer=127.0.0.1 client=127.0.0.1");
}

TEST_CASE("a proxy that the configuration does not name is told of, once") {
  HttpFixture site;
  for (int i = 0; i < 3; ++i) exchange(site.port(), "GET", "/healthz", "X-Forwarded-For: 198.51.100.7\r\n");
  const std::string log = site.log().all();
  const std::string warning =
      "X-Forwarded-For is ignored: if the peer is your proxy, add it to server.trusted_proxies peer=127.0.0.1";
  CHECK(log.find(warning) != std::string::npos);
  CHECK(log.find(warning) == log.rfind(warning));
}

TEST_CASE("nothing is told of a proxy that is trusted, nor of requests without one") {
  HttpFixture trusting{behind_a_proxy_on_this_machine()};
  exchange(trusting.port(), "GET", "/healthz", "X-Forwarded-For: 198.51.100.7\r\n");
  HttpFixture alone;
  exchange(alone.port(), "GET", "/healthz");
  CHECK((trusting.log().all() + alone.log().all()).find("is ignored") == std::string::npos);
}
