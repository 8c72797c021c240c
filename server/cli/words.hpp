#pragma once
/// @file words.hpp
/// Times for people who read a terminal, in English.

#include <string>

#include <waxseal/expiry.hpp>

namespace waxseal::server {

/// "23 November 2026, 15:37 UTC". A time beyond the calendar is its number of Unix seconds.
std::string in_words(UnixTime time);

}  // namespace waxseal::server
