#pragma once
/// @file clock.hpp
/// What time it is, passed in so that tests and tools choose it.

#include <waxseal/expiry.hpp>

namespace waxseal::server {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual UnixTime now() const = 0;  ///< UTC. Safe to call from any thread.
};

}  // namespace waxseal::server
