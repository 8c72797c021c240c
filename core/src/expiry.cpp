#include <waxseal/expiry.hpp>

#include <array>
#include <limits>

#include "read_quietly.hpp"

namespace waxseal {
namespace {

constexpr std::int64_t max_timestamp_unix_s = std::int64_t{1} << 53;
constexpr std::size_t max_timestamp_digits = 16;

/// a + b, stopping at the ends of the range. Both are seconds.
std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
}

}  // namespace

std::optional<UnixTime> read_timestamp(std::string_view text) {
  const bool is_negative = text.substr(0, 1) == "-";
  const std::string_view digits = text.substr(is_negative ? 1 : 0);
  // Leading zeros and "-0" are second spellings of a number; a signature covers only one.
  bool is_canonical =
      !digits.empty() && digits.size() <= max_timestamp_digits && (digits.front() != '0' || text == "0");
  std::int64_t magnitude_s = 0;
  for (std::size_t i = 0; is_canonical && i < digits.size(); ++i) {
    is_canonical = digits[i] >= '0' && digits[i] <= '9';
    magnitude_s = magnitude_s * 10 + (digits[i] - '0');
  }
  if (!is_canonical || magnitude_s > max_timestamp_unix_s) return std::nullopt;
  return from_unix_s(is_negative ? -magnitude_s : magnitude_s);
}

Result<UnixTime> parse_timestamp(std::string_view text) {
  if (const auto time = read_timestamp(text)) return *time;
  return fail(ErrorCode::link_malformed, "the timestamp is not a canonical decimal number within 2^53");
}

std::string to_text(UnixTime time) {
  // By hand, for the standard library's tables of digits would weigh more than this whole file in the page.
  const std::int64_t unix_s = to_unix_s(time);
  const auto bits = static_cast<std::uint64_t>(unix_s);
  std::uint64_t rest = unix_s < 0 ? 0 - bits : bits;
  std::array<char, 20> text{};  // 19 digits and a sign
  std::size_t at = text.size();
  do {
    text[--at] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (unix_s < 0) text[--at] = '-';
  return {text.data() + at, text.size() - at};
}

UnixTime expires_at(UnixTime issued_at, std::chrono::seconds period) {
  return from_unix_s(saturating_add(to_unix_s(issued_at), period.count()));
}

bool is_expired(UnixTime issued_at, UnixTime now, std::chrono::seconds period) {
  return now > expires_at(issued_at, period);
}

}  // namespace waxseal
