#pragma once
/// @file check_configuration.hpp
/// The second look at a configuration: files it names, values that must fit one another.

#include "config/settings.hpp"

namespace waxseal::server {

/// Reads the secrets that the settings name, from files (one line break at the end is taken off) or the environment.
void read_secrets(const Environment& environment, Configuration& configuration);

/// Adds what is weak, contradictory or missing. Opens no database, sends nothing.
void check_configuration(Configuration& configuration);

}  // namespace waxseal::server
