#pragma once
/// @file postgres_limits.hpp
/// Limits in the database that all nodes share. Private to this adapter.

#include "adapters/postgres/postgres_database.hpp"
#include "ports/limits.hpp"

namespace waxseal::server {

/// Charges all or none of them, in the transaction that the caller has begun; forgets some of what is not used any more.
/// Locks the rows in the order of their subjects, so that no two transactions wait for each other in a ring.
/// @return  The limit that is reached, if one is: roll back then.
std::optional<LimitReached> charge_limits(PostgresTransaction& transaction, const std::vector<LimitCharge>& charges,
                                          UnixTime now);

}  // namespace waxseal::server
