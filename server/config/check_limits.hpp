#pragma once
/// @file check_limits.hpp
/// Whether the limits can be read, and protect what they are for.

#include "config/checker.hpp"

namespace waxseal::server {

void check_limits(const Settings& settings, Checker& check);

}  // namespace waxseal::server
