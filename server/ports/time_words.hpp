#pragma once
/// @file time_words.hpp
/// Times and durations as people of a language write them.

#include <chrono>
#include <string>

#include <waxseal/expiry.hpp>

namespace waxseal::server {

class TimeWords {
 public:
  virtual ~TimeWords() = default;

  /// "23 November 2026 at 15:37 UTC". @param language  BCP 47; one that is not known is written as English.
  virtual std::string in_words(UnixTime time, const std::string& language) const = 0;

  /// "7 days", "1 hour": in the largest unit that still counts two or more, rounded down.
  virtual std::string in_words(std::chrono::seconds duration, const std::string& language) const = 0;
};

}  // namespace waxseal::server
