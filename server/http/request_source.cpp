#include "http/request_source.hpp"

#include <algorithm>

#include "values/text.hpp"

namespace waxseal::server {
namespace {

bool is_trusted(const IpAddress& address, const std::vector<IpNetwork>& trusted_proxies) {
  return std::any_of(trusted_proxies.begin(), trusted_proxies.end(),
                     [&](const IpNetwork& network) { return network.contains(address); });
}

/// Takes the last entry of the list off its end.
std::string_view take_last(std::string_view& list) {
  const std::size_t comma = list.rfind(',');
  const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  return trimmed(last);
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`: proxies write them all.
std::optional<IpAddress> address_of(std::string_view entry) {
  if (!entry.empty() && entry.front() == '[') {
    const std::size_t bracket = entry.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    const std::string_view rest = entry.substr(bracket + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    const std::string_view inside = entry.substr(1, bracket - 1);
    return inside.find(':') != std::string_view::npos ? IpAddress::parse(inside) : std::nullopt;
  }
  const std::size_t colon = entry.find(':');
  const bool one_colon = colon != std::string_view::npos && entry.find(':', colon + 1) == std::string_view::npos;
  if (one_colon && !is_port(entry.substr(colon + 1))) return std::nullopt;
  return IpAddress::parse(one_colon ? entry.substr(0, colon) : entry);
}

}  // namespace

RequestSource source_of(const IpAddress& peer, std::string_view forwarded_for,
                        const std::vector<IpNetwork>& trusted_proxies) {
  if (!is_trusted(peer, trusted_proxies)) return {RequestSource::Peer::anyone, peer, peer};
  RequestSource source{RequestSource::Peer::trusted_proxy, peer, peer};
  while (!forwarded_for.empty()) {
    const auto hop = address_of(take_last(forwarded_for));
    if (!hop) break;
    source.client_address = *hop;
    if (!is_trusted(*hop, trusted_proxies)) break;
  }
  return source;
}

}  // namespace waxseal::server
