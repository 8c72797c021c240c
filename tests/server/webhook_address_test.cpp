// Which addresses a webhook may reach.

#include "adapters/webhook/public_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "support/catch.hpp"

using namespace waxseal::server;

namespace {

struct Address {
  explicit Address(const std::string& text) {
    auto& four = reinterpret_cast<sockaddr_in&>(storage);
    auto& six = reinterpret_cast<sockaddr_in6&>(storage);
    if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
      four.sin_family = AF_INET;
    } else if (inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
      six.sin6_family = AF_INET6;
    } else {
      throw std::invalid_argument{text};
    }
  }
  const sockaddr& get() const { return reinterpret_cast<const sockaddr&>(storage); }
  sockaddr_storage storage{};
};

}  // namespace

TEST_CASE("Addresses of the public internet may be reached") {
  for (const char* text :
       {"1.1.1.1",         "9.255.255.255",    "11.0.0.0",        "100.63.255.255",       "100.128.0.0",
        "126.255.255.255", "128.0.0.1",        "169.253.255.255", "169.255.0.0",          "172.15.255.255",
        "172.32.0.0",      "192.0.1.0",        "192.167.255.255", "192.169.0.0",          "198.17.255.255",
        "198.20.0.0",      "223.255.255.255",  "2606:4700::1",    "2001:4860:4860::8888", "2a00:1450:4001::1",
        "::ffff:1.1.1.1",  "64:ff9b::1.1.1.1", "2002:101:101::1"}) {
    INFO(text);
    CHECK(is_public_address(Address{text}.get()));
  }
}

TEST_CASE("threat 25: no address but those of the public internet may be reached") {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.0",
                           "10.255.255.255",
                           "100.64.0.0",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.0",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.0",
                           "192.168.255.255",
                           "198.18.0.0",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.7",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::127.0.0.1",
                           "::ffff:10.0.0.1",
                           "::ffff:127.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b:1::1",
                           "100::1",
                           "fc00::1",
                           "fdff::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "2001::1",
                           "2001:10::1",
                           "2001:20::1",
                           "2001:db8::1",
                           "2002:a00:1::1",
                           "2002:7f00:1::1",
                           "3fff::1",
                           "5f00::1"}) {
    INFO(text);
    CHECK_FALSE(is_public_address(Address{text}.get()));
  }
}

TEST_CASE("What is no address of the internet may not be reached") {
  sockaddr_storage local{};
  local.ss_family = AF_UNIX;
  CHECK_FALSE(is_public_address(reinterpret_cast<const sockaddr&>(local)));
}
