#include "adapters/webhook/public_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <vector>

#include "values/ip_network.hpp"

namespace waxseal::server {
namespace {

std::vector<IpNetwork> networks(std::initializer_list<const char*> texts) {
  std::vector<IpNetwork> parsed;
  for (const char* text : texts) parsed.push_back(IpNetwork::parse(text).value());
  return parsed;
}

bool is_in(const std::vector<IpNetwork>& nets, const IpAddress& address) {
  return std::any_of(nets.begin(), nets.end(), [&](const IpNetwork& network) { return network.contains(address); });
}

/// Four of the bytes, from `place` on, as an address of their own.
IpAddress ipv4_within(const IpAddress& address, std::size_t place) {
  std::string text;
  for (std::size_t i = place; i < place + 4; ++i)
    text += (text.empty() ? "" : ".") + std::to_string(address.bytes()[i]);
  return IpAddress::parse(text).value();
}

bool is_public(const IpAddress& address) {
  static const auto special_ipv4 =
      networks({"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
                "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
  static const auto global_ipv6 = networks({"2000::/3"});
  static const auto special_ipv6 = networks({"2001::/23", "2001:db8::/32", "3fff::/20"});
  static const auto nat64 = networks({"64:ff9b::/96"});
  static const auto six_to_four = networks({"2002::/16"});
  if (address.is_ipv4()) return !is_in(special_ipv4, address);
  if (is_in(nat64, address)) return is_public(ipv4_within(address, 12));
  if (is_in(six_to_four, address)) return is_public(ipv4_within(address, 2));
  return is_in(global_ipv6, address) && !is_in(special_ipv6, address);
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  const auto parsed = IpAddress::parse(text_of_address(address));
  return parsed && is_public(*parsed);
}

std::string text_of_address(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const void* number = nullptr;
  if (address.sa_family == AF_INET) number = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  if (address.sa_family == AF_INET6) number = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (number == nullptr || inet_ntop(address.sa_family, number, text, sizeof text) == nullptr) return "no IP address";
  return text;
}

}  // namespace waxseal::server
