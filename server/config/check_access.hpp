#pragma once
/// @file check_access.hpp
/// Whether the keys that say who may call fit one another: proxies, schemes, keys of JWTs.

#include "config/checker.hpp"

namespace waxseal::server {

/// The key in the file that `jwt_key_file` names; empty if it cannot be read, which is told.
std::string read_jwt_key(const Settings::Auth& auth, Checker& check);

/// Reads the networks of `server.trusted_proxies` into the configuration. Adds what is wrong or contradictory.
void check_access(Configuration& configuration, Checker& check);

}  // namespace waxseal::server
