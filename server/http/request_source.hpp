#pragma once
/// @file request_source.hpp
/// Who sent a request, and whether what a proxy says in its headers may be believed.

#include <string_view>
#include <vector>

#include "values/ip_network.hpp"

namespace waxseal::server {

struct RequestSource {
  enum class Peer {
    anyone,
    trusted_proxy,  ///< The other end of the connection itself is one of `server.trusted_proxies`.
  };
  Peer peer = Peer::anyone;
  IpAddress peer_address;
  IpAddress client_address;  ///< The peer's own unless it is a trusted proxy that names another.
};

/// Walks `X-Forwarded-For` from its right end, where the nearest proxy wrote, as long as each address is a trusted proxy's;
/// the first that is not is the client's. An entry that is no address ends the walk: the client is then the hop that
/// wrote it. Whoever is not trusted can write what it likes: it is the client itself.
/// @param forwarded_for  All of the header's values in order, joined by commas; empty if there is none. Entries are addresses, IPv6 ones
///                       in brackets or not, with or without a port; a zone is not understood.
RequestSource source_of(const IpAddress& peer, std::string_view forwarded_for,
                        const std::vector<IpNetwork>& trusted_proxies);

}  // namespace waxseal::server
