#include "cli/words.hpp"

#include <ctime>

#include "config/setting_keys.hpp"

namespace waxseal::server {

std::string in_words(UnixTime time) {
  const std::time_t unix_s = to_unix_s(time);
  std::tm utc{};
  if (gmtime_r(&unix_s, &utc) == nullptr) return to_text(time);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%d %B %Y, %H:%M UTC", &utc)};
}

std::optional<UnixTime> parse_time(const std::string& text, UnixTime now) {
  if (const auto age = parse_duration(text)) return now - *age;
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"}) {
    std::tm utc{};
    const char* end = strptime(text.c_str(), format, &utc);
    if (end != nullptr && *end == '\0') return from_unix_s(timegm(&utc));
  }
  return std::nullopt;
}

}  // namespace waxseal::server
