#include "cli/words.hpp"

#include <ctime>

namespace waxseal::server {

std::string in_words(UnixTime time) {
  const std::time_t unix_s = to_unix_s(time);
  std::tm utc{};
  if (gmtime_r(&unix_s, &utc) == nullptr) return to_text(time);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%d %B %Y, %H:%M UTC", &utc)};
}

}  // namespace waxseal::server
