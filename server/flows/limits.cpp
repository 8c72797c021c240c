#include "flows/limits.hpp"

#include <initializer_list>

namespace waxseal::server {
namespace {

/// SHA-256 over the limit and what it counts, each with its length, so that no two can be taken for one another.
ByteArray<32> subject_of(std::string_view limit, std::initializer_list<std::string_view> parts) {
  std::string text{limit};
  for (const std::string_view part : parts)
    text.append(" ").append(std::to_string(part.size())).append(":").append(part);
  return sha256(text);
}

/// Whoever has one IPv6 address has the 2^64 of its network.
std::string client_key(const IpAddress& client) {
  constexpr unsigned ipv4_bits = 32, ipv6_bits = 64;
  return IpNetwork{client, client.is_ipv4() ? ipv4_bits : ipv6_bits}.first_address().text();
}

}  // namespace

std::vector<LimitCharge> charges_of(const LimitPolicy& policy, const Account& account, std::string_view canonical_email,
                                    const IpAddress& client) {
  std::vector<LimitCharge> charges;
  const auto charge = [&](std::string_view limit, const std::optional<Rate>& rate,
                          std::initializer_list<std::string_view> parts) {
    if (rate) charges.push_back({limit, subject_of(limit, parts), *rate});
  };
  charge("per_user", policy.per_user, {account.id});
  charge("per_address", policy.per_address, {account.id, canonical_email});
  charge("per_domain", policy.per_domain, {canonical_email.substr(canonical_email.rfind('@') + 1)});
  charge("per_ip", policy.per_ip, {client_key(client)});
  charge("global", policy.global, {});
  return charges;
}

}  // namespace waxseal::server
