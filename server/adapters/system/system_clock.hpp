#pragma once
/// @file system_clock.hpp
/// The machine's clock. It must be right to a few seconds (NTP): links carry its time.

#include "ports/clock.hpp"

namespace waxseal::server {

class SystemClock final : public Clock {
 public:
  UnixTime now() const override {
    return std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

}  // namespace waxseal::server
