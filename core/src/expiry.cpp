#include <waxseal/expiry.hpp>

#include <charconv>
#include <limits>

namespace waxseal {
namespace {

constexpr std::int64_t max_timestamp_unix_s = std::int64_t{1} << 53;

/// a + b, stopping at the ends of the range. Both are seconds.
std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

}  // namespace

Result<UnixTime> parse_timestamp(std::string_view text) {
  std::int64_t unix_s = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), unix_s);
  const bool is_number = error == std::errc{} && end == text.data() + text.size();
  // Leading zeros and "-0" are second spellings of a number; a signature covers only one.
  if (!is_number || unix_s > max_timestamp_unix_s || unix_s < -max_timestamp_unix_s ||
      text != to_text(from_unix_s(unix_s))) {
    return fail(ErrorCode::link_malformed, "the timestamp is not a canonical decimal number within 2^53");
  }
  return from_unix_s(unix_s);
}

std::string to_text(UnixTime time) { return std::to_string(to_unix_s(time)); }

UnixTime expires_at(UnixTime issued_at, std::chrono::seconds period) {
  return from_unix_s(saturating_add(to_unix_s(issued_at), period.count()));
}

bool is_expired(UnixTime issued_at, UnixTime now, std::chrono::seconds period) {
  return now > expires_at(issued_at, period);
}

}  // namespace waxseal
