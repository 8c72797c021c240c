#include "values/ip_network.hpp"

#include "support/catch.hpp"

using namespace waxseal::server;

namespace {

IpAddress address(const char* text) {
  INFO(text);
  const auto parsed = IpAddress::parse(text);
  REQUIRE(parsed);
  return *parsed;
}

IpNetwork network(const char* text) {
  INFO(text);
  const auto parsed = IpNetwork::parse(text);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace

TEST_CASE("an address is read and written in its shortest spelling") {
  const auto [given, written] = GENERATE(table<const char*, const char*>({
      {"192.0.2.1", "192.0.2.1"},
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"2001:db8::1", "2001:db8::1"},
      {"2001:0DB8:0:0:0:0:0:0001", "2001:db8::1"},
      {"::", "::"},
      {"::1", "::1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
      {"::ffff:c000:201", "192.0.2.1"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
  }));
  CHECK(address(given).text() == written);
}

TEST_CASE("whatever is not one address is none") {
  for (const char* text : {"",
                           " ",
                           "192.0.2",
                           "192.0.2.1.1",
                           "192.0.2.256",
                           "192.0.2.01",
                           "0x7f.0.0.1",
                           "1",
                           "192.0.2.1 ",
                           " 192.0.2.1",
                           "192.0.2.1:80",
                           "192.0.2.1/32",
                           "localhost",
                           "2001:db8::1::2",
                           "2001:db8",
                           ":::",
                           "[2001:db8::1]",
                           "fe80::1%eth0",
                           "2001:db8::12345",
                           "unknown",
                           "_hidden",
                           "0000:0000:0000:0000:0000:ffff:192.168.100.2280"}) {
    INFO(text);
    CHECK_FALSE(IpAddress::parse(text));
  }
  CHECK_FALSE(IpAddress::parse(std::string_view{"192.0.2.1\0x", 11}));
}

TEST_CASE("an IPv4 address and the same one mapped into IPv6 are one") {
  CHECK(address("::ffff:192.0.2.1") == address("192.0.2.1"));
  CHECK(address("192.0.2.1").is_ipv4());
  CHECK_FALSE(address("2001:db8::1").is_ipv4());
  CHECK_FALSE(address("::192.0.2.1").is_ipv4());
}

TEST_CASE("a network holds what has its first bits, and no more") {
  const auto [text, inside, outside] = GENERATE(table<const char*, const char*, const char*>({
      {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
      {"192.0.2.0/24", "192.0.2.255", "192.0.3.0"},
      {"192.0.2.0/25", "192.0.2.127", "192.0.2.128"},
      {"192.0.2.4/31", "192.0.2.5", "192.0.2.6"},
      {"10.0.0.0/8", "10.255.0.1", "11.0.0.0"},
      {"128.0.0.0/1", "255.0.0.1", "127.255.255.255"},
      {"10.0.0.0/8", "::ffff:10.1.2.3", "::10.1.2.3"},
      {"::ffff:10.0.0.0/8", "10.1.2.3", "11.1.2.3"},
      {"2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"},
      {"2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"},
      {"2001:db8::1", "2001:db8::1", "2001:db8::2"},
      {"8000::/1", "ffff::1", "7fff::1"},
  }));
  INFO(text);
  CHECK(network(text).contains(address(inside)));
  CHECK_FALSE(network(text).contains(address(outside)));
}

TEST_CASE("networks of the two families hold nothing of one another") {
  CHECK_FALSE(network("::/1").contains(address("10.0.0.1")));
  CHECK_FALSE(network("10.0.0.0/8").contains(address("2001:db8::1")));
}

TEST_CASE("a text that is no network, or is not meant as written, is none") {
  for (const char* text : {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
                           "10.0.0.0/8 ", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "2001:db8::/129", "10.0.0.0/4294967304",
                           "*", "proxy.example", "10.0.0.1/8", "2001:db8::1/32", "0.0.0.0/0", "::/0"}) {
    INFO(text);
    CHECK_FALSE(IpNetwork::parse(text));
  }
}

TEST_CASE("an address names the network that it stands in") {
  CHECK(IpNetwork(address("2001:db8:1:2:3:4:5:6"), 64).first_address() == address("2001:db8:1:2::"));
  CHECK(IpNetwork(address("192.0.2.9"), 32).first_address() == address("192.0.2.9"));
}
