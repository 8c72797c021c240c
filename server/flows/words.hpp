#pragma once
/// @file words.hpp
/// Times and durations for people, in English.

#include <chrono>
#include <string>

#include <waxseal/expiry.hpp>

namespace waxseal::server {

/// "23 November 2026, 15:37 UTC". A time beyond the calendar is its number of Unix seconds.
std::string in_words(UnixTime time);

/// "7 days", "1 hour": in the largest unit that still counts two or more, rounded down.
std::string in_words(std::chrono::seconds duration);

}  // namespace waxseal::server
