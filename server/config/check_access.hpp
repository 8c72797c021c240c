#pragma once
/// @file check_access.hpp
/// Whether the keys that say who may call fit one another: proxies, schemes.

#include "config/checker.hpp"

namespace waxseal::server {

/// Reads the networks of `server.trusted_proxies` into the configuration. Adds what is wrong or contradictory.
void check_access(Configuration& configuration, Checker& check);

}  // namespace waxseal::server
