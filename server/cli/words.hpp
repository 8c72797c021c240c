#pragma once
/// @file words.hpp
/// Times for people at a terminal, in English.

#include <optional>
#include <string>

#include <waxseal/expiry.hpp>

namespace waxseal::server {

/// "23 November 2026, 15:37 UTC". A time beyond the calendar is its number of Unix seconds.
std::string in_words(UnixTime time);

/// "2026-11-25" (its midnight), "2026-11-25T12:00:00Z", both UTC, or a duration before `now`: "7d".
std::optional<UnixTime> parse_time(const std::string& text, UnixTime now);

}  // namespace waxseal::server
