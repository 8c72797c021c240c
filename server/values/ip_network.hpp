#pragma once
/// @file ip_network.hpp
/// Addresses of the Internet Protocol and networks of them, as values. IPv4 and IPv6 alike; no names, no sockets.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace waxseal::server {

/// One address. An IPv4 address and the same one mapped into IPv6 (`::ffff:192.0.2.1`, what a socket of both families
/// shows) are one value.
class IpAddress {
 public:
  /// `::`, which is nobody's.
  IpAddress() = default;

  /// Reads `192.0.2.1` or `2001:db8::1` (RFC 4291 section 2.2). No zone, no port, no space, no leading zero.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_ipv4() const;
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  /// The shortest spelling (RFC 5952); IPv4 as four numbers.
  std::string text() const;

  bool operator==(const IpAddress&) const = default;

 private:
  friend class IpNetwork;
  std::array<std::uint8_t, 16> bytes_{};
};

/// An address with what stands beside it in its network.
class IpNetwork {
 public:
  /// Reads `192.0.2.0/24`, `2001:db8::/32`, or an address alone, which is a network of one.
  /// Nothing for other texts, for bits set beyond the prefix, and for `/0`.
  static std::optional<IpNetwork> parse(std::string_view text);

  /// The network of this address with so many bits in front.
  /// @param prefix_bits  At most 32 of an IPv4 address, 128 of an IPv6 one.
  IpNetwork(const IpAddress& address, unsigned prefix_bits);

  /// An IPv6 network holds no IPv4 address, and the other way round.
  bool contains(const IpAddress& address) const;

  const IpAddress& first_address() const { return first_; }

 private:
  IpAddress first_;
  unsigned bits_;  ///< Of all 128.
};

}  // namespace waxseal::server
