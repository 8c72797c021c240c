#include "values/ip_network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace waxseal::server {
namespace {

constexpr unsigned all_bits = 128;
constexpr unsigned mapped_bits = 96;  ///< In front of an IPv4 address that is mapped (RFC 4291 section 2.5.5.2).
constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// The address with every bit from `count` on cleared.
std::array<std::uint8_t, 16> with_first_bits(std::array<std::uint8_t, 16> bytes, unsigned count) {
  for (unsigned i = 0; i < bytes.size(); ++i) {
    const unsigned kept = std::clamp(count, 8 * i, 8 * i + 8) - 8 * i;
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xff00 >> kept));
  }
  return bytes;
}

std::optional<unsigned> parse_prefix(std::string_view text, unsigned most) {
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool plain = error == std::errc{} && end == text.data() + text.size() && text.front() != '0';
  return plain && bits <= most ? std::optional{bits} : std::nullopt;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated{text};
  IpAddress address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes_.begin());
  if (inet_pton(AF_INET, terminated.c_str(), &address.bytes_[mapped_prefix.size()]) == 1) return address;
  return std::nullopt;
}

bool IpAddress::is_ipv4() const { return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes_.begin()); }

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN];
  return is_ipv4() ? inet_ntop(AF_INET, &bytes_[mapped_prefix.size()], buffer, sizeof buffer)
                   : inet_ntop(AF_INET6, bytes_.data(), buffer, sizeof buffer);
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned most = address->is_ipv4() ? all_bits - mapped_bits : all_bits;
  if (slash == std::string_view::npos) return IpNetwork{*address, most};
  const auto prefix = parse_prefix(text.substr(slash + 1), most);
  if (!prefix) return std::nullopt;
  const IpNetwork network{*address, *prefix};
  return network.first_ == *address ? std::optional{network} : std::nullopt;
}

IpNetwork::IpNetwork(const IpAddress& address, unsigned prefix_bits)
    : bits_(address.is_ipv4() ? mapped_bits + prefix_bits : prefix_bits) {
  first_.bytes_ = with_first_bits(address.bytes(), bits_);
}

bool IpNetwork::contains(const IpAddress& address) const {
  return address.is_ipv4() == first_.is_ipv4() && with_first_bits(address.bytes(), bits_) == first_.bytes();
}

}  // namespace waxseal::server
