#pragma once
/// @file public_address.hpp
/// Which addresses a webhook may reach: only those of the public internet.

#include <sys/socket.h>

#include <string>

namespace waxseal::server {

/// False for anything that is not an address of the public internet: loopback, private, link-local, shared (CGNAT),
/// documentation, benchmark, multicast, reserved, unspecified; in IPv6 everything outside 2000::/3, and addresses that carry
/// such an IPv4 address (mapped, 6to4, NAT64). RFC 6890, as of the IANA registries.
bool is_public_address(const sockaddr& address);

/// "10.0.0.1" or "fe80::1", for a log.
std::string text_of_address(const sockaddr& address);

}  // namespace waxseal::server
