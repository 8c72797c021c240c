#pragma once
/// @file sqlite_limits.hpp
/// Limits in the file that all processes share. Private to this adapter.

#include "adapters/sqlite/sqlite_database.hpp"
#include "ports/limits.hpp"

namespace waxseal::server {

/// Charges all or none of them, in the write transaction that the caller has begun; forgets what is not used any more.
/// @return  The limit that is reached, if one is: nothing was charged then.
std::optional<LimitReached> charge_limits(SqliteConnection& connection, const std::vector<LimitCharge>& charges,
                                          UnixTime now);

}  // namespace waxseal::server
