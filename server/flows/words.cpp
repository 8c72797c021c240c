#include "flows/words.hpp"

#include <ctime>

namespace waxseal::server {

std::string in_words(UnixTime time) {
  const std::time_t unix_s = to_unix_s(time);
  std::tm utc{};
  if (gmtime_r(&unix_s, &utc) == nullptr) return to_text(time);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%d %B %Y, %H:%M UTC", &utc)};
}

std::string in_words(std::chrono::seconds duration) {
  using namespace std::chrono;
  const auto counted = [](std::int64_t count, std::string unit) {
    return std::to_string(count) + " " + unit + (count == 1 ? "" : "s");
  };
  if (duration >= hours{48}) return counted(duration_cast<hours>(duration).count() / 24, "day");
  if (duration >= hours{2}) return counted(duration_cast<hours>(duration).count(), "hour");
  if (duration >= minutes{2}) return counted(duration_cast<minutes>(duration).count(), "minute");
  return counted(duration.count(), "second");
}

}  // namespace waxseal::server
