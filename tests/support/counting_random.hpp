#pragma once
/// @file counting_random.hpp
/// Randomness that a test can foresee: every call fills with the next byte, 1, 2, 3 and so on.

#include <algorithm>
#include <vector>

#include "ports/random_source.hpp"

namespace waxseal::test {

class CountingRandom final : public server::RandomSource {
 public:
  void fill(std::uint8_t* out, std::size_t size) override {
    ++calls_;
    const std::uint8_t byte = calls_ <= first_.size() ? first_[calls_ - 1] : static_cast<std::uint8_t>(calls_);
    std::fill_n(out, size, byte);
  }
  /// The bytes of the first calls, instead of 1, 2, 3.
  void begin_with(std::vector<std::uint8_t> bytes) { first_ = std::move(bytes); }
  std::size_t calls() const { return calls_; }

 private:
  std::vector<std::uint8_t> first_;
  std::size_t calls_ = 0;
};

}  // namespace waxseal::test
