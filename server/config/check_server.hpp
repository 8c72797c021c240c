#pragma once
/// @file check_server.hpp
/// Where the server listens, and which pages may call it.

#include "config/checker.hpp"

namespace waxseal::server {

/// How long `https://` or `http://` is at the start of a URL that has a host after it; 0: there is none.
std::size_t web_scheme_length(const std::string& url);

void check_server(const Settings& settings, Checker& check);

}  // namespace waxseal::server
