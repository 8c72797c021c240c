#include <waxseal/expiry.hpp>

#include <limits>

#include "support/catch.hpp"

using std::chrono::seconds;
using waxseal::expires_at;
using waxseal::from_unix_s;
using waxseal::is_expired;
using waxseal::parse_timestamp;
using waxseal::to_text;

namespace {

constexpr std::int64_t last_unix_s = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t first_unix_s = std::numeric_limits<std::int64_t>::min();
constexpr seconds week{7 * 24 * 3600};

}  // namespace

TEST_CASE("A link holds until exactly its period has passed and not a second longer") {
  const auto issued_at = from_unix_s(1700000000);
  CHECK_FALSE(is_expired(issued_at, issued_at, week));
  CHECK_FALSE(is_expired(issued_at, issued_at + week - seconds{1}, week));
  CHECK_FALSE(is_expired(issued_at, issued_at + week, week));
  CHECK(is_expired(issued_at, issued_at + week + seconds{1}, week));
}

TEST_CASE("A link of no period holds for the second in which it was signed") {
  const auto issued_at = from_unix_s(1700000000);
  CHECK_FALSE(is_expired(issued_at, issued_at, seconds{0}));
  CHECK(is_expired(issued_at, issued_at + seconds{1}, seconds{0}));
}

TEST_CASE("A link from the future is not expired") {
  CHECK_FALSE(is_expired(from_unix_s(2000000000), from_unix_s(1700000000), week));
}

TEST_CASE("The last instant of a link is its timestamp plus the period") {
  CHECK(expires_at(from_unix_s(1700000000), week) == from_unix_s(1700604800));
  CHECK(expires_at(from_unix_s(-10), seconds{3}) == from_unix_s(-7));
}

TEST_CASE("The last instant stops at the ends of the calendar instead of wrapping around") {
  CHECK(expires_at(from_unix_s(last_unix_s), seconds{1}) == from_unix_s(last_unix_s));
  CHECK(expires_at(from_unix_s(1), seconds::max()) == from_unix_s(last_unix_s));
  CHECK(expires_at(from_unix_s(first_unix_s), seconds{-1}) == from_unix_s(first_unix_s));
  CHECK_FALSE(is_expired(from_unix_s(1700000000), from_unix_s(last_unix_s), seconds::max()));
  CHECK(is_expired(from_unix_s(first_unix_s), from_unix_s(last_unix_s), week));
}

TEST_CASE("A timestamp is read from its canonical decimal spelling and written back the same") {
  for (const std::string_view text :
       {"0", "1", "-1", "10", "1700000000", "2147483648", "-62135596800", "9007199254740992", "-9007199254740992"}) {
    INFO(text);
    const auto time = parse_timestamp(text);
    REQUIRE(time);
    CHECK(to_text(*time) == text);
  }
  CHECK(parse_timestamp("1700000000") == from_unix_s(1700000000));
}

TEST_CASE("A timestamp in any other spelling is malformed") {
  for (const std::string_view text : {
           "",    "-",   "-0",   "00",          "01",    "-01", "+1", "--1",  // signs and leading zeros
           " 1",  "1 ",  "1\n",  "1_000",       "1,000",                      // padding and groups
           "1.0", "1e3", "0x10", "1700000000s", "NaN",   "١٢٣",               // other notations
       }) {
    INFO(text);
    const auto time = parse_timestamp(text);
    REQUIRE_FALSE(time);
    CHECK(time.error().code == waxseal::ErrorCode::link_malformed);
  }
  CHECK_FALSE(parse_timestamp(std::string_view{"1\0", 2}));
}

TEST_CASE("A timestamp beyond what JSON keeps exact is malformed") {
  for (const std::string_view text :
       {"9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
        "18446744073709551616", "99999999999999999999999999999999"}) {
    INFO(text);
    CHECK_FALSE(parse_timestamp(text));
  }
}
