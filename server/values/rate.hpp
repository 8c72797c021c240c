#pragma once
/// @file rate.hpp
/// How often something may happen.

#include <chrono>
#include <cstdint>

namespace waxseal::server {

/// `count` times at once, and then again evenly over each `period`: 5 in an hour are five, and one more every 12 minutes.
struct Rate {
  std::int64_t count = 1;          ///< 1 to 1,000,000.
  std::chrono::seconds period{1};  ///< 1 s to 30 d.

  bool operator==(const Rate&) const = default;
};

}  // namespace waxseal::server
