#pragma once
/// @file icu_time_words.hpp
/// Times and durations by ICU, which knows the months and the plurals of each language (CLDR).

#include <map>
#include <memory>
#include <mutex>

#include "ports/time_words.hpp"

namespace waxseal::server {

class IcuTimeWords final : public TimeWords {
 public:
  IcuTimeWords();
  ~IcuTimeWords() override;
  std::string in_words(UnixTime time, const std::string& language) const override;
  std::string in_words(std::chrono::seconds duration, const std::string& language) const override;

 private:
  struct Formats;
  const Formats& formats_of(const std::string& language) const;

  mutable std::mutex mutex_;  ///< Formats cost milliseconds to make, and are no good for two threads at once.
  mutable std::map<std::string, std::unique_ptr<Formats>> formats_;
};

}  // namespace waxseal::server
