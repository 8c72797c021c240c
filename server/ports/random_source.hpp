#pragma once
/// @file random_source.hpp
/// Unpredictable bytes, passed in so that tests can choose them.

#include <cstddef>
#include <cstdint>
#include <string>

#include <waxseal/bytes.hpp>

namespace waxseal::server {

class RandomSource {
 public:
  virtual ~RandomSource() = default;

  /// Fills with bytes fit for keys, or ends the process: a machine without randomness must not sign. Any thread.
  virtual void fill(std::uint8_t* out, std::size_t size) = 0;

  /// `bytes` random bytes in lower-case hexadecimal.
  std::string hex(std::size_t bytes) {
    Bytes drawn(bytes);
    fill(drawn.data(), drawn.size());
    return encode_hex(drawn.data(), drawn.size());
  }
};

}  // namespace waxseal::server
