#pragma once
/// @file require.hpp
/// What a fuzz target says of an input that must not be.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace waxseal::fuzz {

/// Ends the program if it does not hold: libFuzzer keeps the input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace waxseal::fuzz
