#pragma once
/// @file expiry.hpp
/// The age of a link, at an instant that the caller names. Pure: no clock.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <waxseal/error.hpp>

namespace waxseal {

/// An instant in UTC, to the second.
using UnixTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::seconds>;

inline constexpr UnixTime from_unix_s(std::int64_t unix_s) { return UnixTime{std::chrono::seconds{unix_s}}; }
inline constexpr std::int64_t to_unix_s(UnixTime time) { return time.time_since_epoch().count(); }

/// Reads the timestamp of a link: decimal Unix seconds, no sign but `-`, no leading zero, no space, within
/// +-2^53 (what every JSON reader keeps exact; the year 285,428,751). `to_text(parse(text)) == text`.
/// Fails with:  ErrorCode::link_malformed  any other text
Result<UnixTime> parse_timestamp(std::string_view text);

std::string to_text(UnixTime time);

/// The last instant at which a link signed at `issued_at` still holds.
/// Saturates at the ends of the calendar instead of overflowing.
UnixTime expires_at(UnixTime issued_at, std::chrono::seconds period);

/// True once `now - issued_at > period`. A link from the future is not expired, as in Django REST Registration.
bool is_expired(UnixTime issued_at, UnixTime now, std::chrono::seconds period);

}  // namespace waxseal
