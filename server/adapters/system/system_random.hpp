#pragma once
/// @file system_random.hpp
/// The kernel's randomness, getrandom(2).

#include "ports/random_source.hpp"

namespace waxseal::server {

class SystemRandom final : public RandomSource {
 public:
  void fill(std::uint8_t* out, std::size_t size) override;
};

}  // namespace waxseal::server
