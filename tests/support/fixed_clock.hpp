#pragma once
/// @file fixed_clock.hpp
/// A clock that stands still until the test moves it.

#include "ports/clock.hpp"

namespace waxseal::test {

class FixedClock final : public server::Clock {
 public:
  explicit FixedClock(std::int64_t unix_s = 1700000000) : now_(from_unix_s(unix_s)) {}
  UnixTime now() const override { return now_; }
  void advance(std::chrono::seconds by) { now_ += by; }

 private:
  UnixTime now_;
};

}  // namespace waxseal::test
