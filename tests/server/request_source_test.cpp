// Whose address a request is counted and logged under: row 23 of the threats, a spoofed X-Forwarded-For.

#include "http/request_source.hpp"

#include "support/catch.hpp"

using namespace waxseal::server;

namespace {

/// Proxies are 10.0.0.0/8 and 2001:db8:f::/48.
RequestSource source(const char* peer, const char* forwarded_for) {
  const std::vector<IpNetwork> trusted = {IpNetwork::parse("10.0.0.0/8").value(),
                                          IpNetwork::parse("2001:db8:f::/48").value()};
  return source_of(IpAddress::parse(peer).value(), forwarded_for, trusted);
}

std::string client(const char* peer, const char* forwarded_for) {
  return source(peer, forwarded_for).client_address.text();
}

}  // namespace

TEST_CASE("the header of a peer that is not trusted is ignored") {
  for (const char* header : {"", "198.51.100.7", "10.0.0.2", "198.51.100.7, 10.0.0.2", "nonsense"}) {
    INFO(header);
    const RequestSource found = source("203.0.113.5", header);
    CHECK(found.client_address.text() == "203.0.113.5");
    CHECK(found.peer == RequestSource::Peer::anyone);
  }
}

TEST_CASE("without trusted proxies every peer is the client") {
  const RequestSource found = source_of(IpAddress::parse("10.0.0.1").value(), "198.51.100.7", {});
  CHECK(found.client_address.text() == "10.0.0.1");
  CHECK(found.peer == RequestSource::Peer::anyone);
}

TEST_CASE("a trusted proxy's client is the rightmost address that is not a trusted proxy's") {
  const auto [header, expected] = GENERATE(table<const char*, const char*>({
      {"198.51.100.7", "198.51.100.7"},
      {"198.51.100.7, 10.0.0.2", "198.51.100.7"},
      {"198.51.100.7,10.0.0.2,10.9.9.9", "198.51.100.7"},
      {" 198.51.100.7 \t, 10.0.0.2 ", "198.51.100.7"},
      {"203.0.113.9, 198.51.100.7", "198.51.100.7"},         // what the client wrote itself stands on the left
      {"10.0.0.3, 198.51.100.7, 10.0.0.2", "198.51.100.7"},  // … even if it looks like a proxy's
      {"127.0.0.1, 198.51.100.7", "198.51.100.7"},
      {"nonsense, 198.51.100.7, 10.0.0.2", "198.51.100.7"},  // … and whatever it is
      {"2001:db8:1::7, 2001:db8:f::2", "2001:db8:1::7"},
      {"198.51.100.7, 2001:db8:f::2, ::ffff:10.0.0.2", "198.51.100.7"},
  }));
  INFO(header);
  CHECK(client("10.0.0.1", header) == expected);
  CHECK(client("::ffff:10.0.0.1", header) == expected);
  CHECK(client("2001:db8:f::1", header) == expected);
  CHECK(source("10.0.0.1", header).peer == RequestSource::Peer::trusted_proxy);
}

TEST_CASE("a request that trusted proxies made themselves has the farthest of them as its client") {
  CHECK(client("10.0.0.1", "") == "10.0.0.1");
  CHECK(client("10.0.0.1", "10.0.0.2") == "10.0.0.2");
  CHECK(client("10.0.0.1", "10.0.0.3, 10.0.0.2") == "10.0.0.3");
}

TEST_CASE("an entry that is no address ends the walk at the hop that wrote it") {
  const auto [header, expected] = GENERATE(table<const char*, const char*>({
      {"198.51.100.7, unknown", "10.0.0.1"},
      {"198.51.100.7, unknown, 10.0.0.2", "10.0.0.2"},
      {"198.51.100.7,, 10.0.0.2", "10.0.0.2"},
      {"198.51.100.7,", "10.0.0.1"},
      {",", "10.0.0.1"},
      {" ", "10.0.0.1"},
      {"_hidden", "10.0.0.1"},
      {"198.51.100.7 10.0.0.2", "10.0.0.1"},
      {"198.51.100.999", "10.0.0.1"},
      {"for=198.51.100.7", "10.0.0.1"},
      {"client.example", "10.0.0.1"},
      {"fe80::1%eth0", "10.0.0.1"},
  }));
  INFO(header);
  CHECK(client("10.0.0.1", header) == expected);
}

TEST_CASE("entries may have brackets and ports, as some proxies write them") {
  const auto [header, expected] = GENERATE(table<const char*, const char*>({
      {"198.51.100.7:443", "198.51.100.7"},
      {"[2001:db8:1::7]", "2001:db8:1::7"},
      {"[2001:db8:1::7]:443", "2001:db8:1::7"},
      {"198.51.100.7, 10.0.0.2:51000", "198.51.100.7"},
      {"198.51.100.7, [2001:db8:f::2]:51000", "198.51.100.7"},
      {"198.51.100.7:", "10.0.0.1"},
      {"198.51.100.7:x", "10.0.0.1"},
      {"198.51.100.7:443:1", "10.0.0.1"},
      {"198.51.100.7:123456", "10.0.0.1"},
      {"[198.51.100.7]", "10.0.0.1"},
      {"[2001:db8:1::7", "10.0.0.1"},
      {"[2001:db8:1::7]443", "10.0.0.1"},
      {"[2001:db8:1::7]:", "10.0.0.1"},
      {"[]", "10.0.0.1"},
  }));
  INFO(header);
  CHECK(client("10.0.0.1", header) == expected);
}

TEST_CASE("a very long header is walked no farther than it must be") {
  std::string forged;
  for (int i = 0; i < 2000; ++i) forged += "10.0.0.9,";
  CHECK(client("10.0.0.1", (forged + "198.51.100.7, 10.0.0.2").c_str()) == "198.51.100.7");
  CHECK(client("10.0.0.1", (forged + "10.0.0.2").c_str()) == "10.0.0.9");
}
