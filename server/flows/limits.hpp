#pragma once
/// @file limits.hpp
/// Which limits a request for another address counts against, and as whose.

#include <optional>
#include <vector>

#include "flows/link_policy.hpp"
#include "ports/limits.hpp"
#include "values/ip_network.hpp"

namespace waxseal::server {

/// None of them: no limit.
struct LimitPolicy {
  std::optional<Rate> per_user;     ///< Of one account.
  std::optional<Rate> per_address;  ///< Of one account for one canonical address: nobody uses up another's.
  std::optional<Rate> per_domain;   ///< Of all accounts for the addresses of one domain.
  std::optional<Rate> per_ip;       ///< Of one IPv4 address, or one IPv6 network of 64 bits.
  std::optional<Rate> global;       ///< Of everybody.
};

/// @param canonical_email  The spelling: letter case, or the two spellings of a domain, are no way around a limit.
std::vector<LimitCharge> charges_of(const LimitPolicy& policy, const Account& account, std::string_view canonical_email,
                                    const IpAddress& client);

}  // namespace waxseal::server
