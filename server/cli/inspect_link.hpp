#pragma once
/// @file inspect_link.hpp
/// `waxseal link inspect`: what a link says, and what can be said of it without its account.

#include <string>

#include "cli/command.hpp"

namespace waxseal::server {

/// Exit: done if the link is ready, failed if it is expired, altered or no link.
int inspect_link(const CommandLine& line, const std::string& url);

}  // namespace waxseal::server
