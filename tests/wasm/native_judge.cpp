/// @file native_judge.cpp
/// Runs the border of the WebAssembly module natively, for differential.mjs: reads requests from stdin, each a byte
/// that names the function, a 32-bit little-endian size and a frame, and writes the answers to stdout as the module
/// gives them.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "frame.hpp"

extern "C" {
std::uint8_t* waxseal_check(const std::uint8_t* request, std::uint32_t size);
std::uint8_t* waxseal_parse_email(const std::uint8_t* request, std::uint32_t size);
std::uint8_t* waxseal_judge(const std::uint8_t* request, std::uint32_t size);
}

namespace {

using Function = std::uint8_t* (*)(const std::uint8_t*, std::uint32_t);

Function function_named(int name) {
  switch (name) {
    case 'c': return waxseal_check;
    case 'e': return waxseal_parse_email;
    case 'j': return waxseal_judge;
    default: return nullptr;
  }
}

/// Answers one request. False at the end of the input or when it makes no sense.
bool answer_one() {
  const Function function = function_named(std::getchar());
  std::uint8_t size_bytes[waxseal::abi::number_bytes];
  if (function == nullptr || std::fread(size_bytes, 1, sizeof size_bytes, stdin) != sizeof size_bytes) return false;
  const std::uint32_t size = waxseal::abi::read_number(size_bytes);
  std::vector<std::uint8_t> request(size);
  if (std::fread(request.data(), 1, size, stdin) != size) return false;
  std::uint8_t* const answer = function(request.data(), size);
  if (answer == nullptr) return false;
  const std::size_t answer_bytes = waxseal::abi::number_bytes + waxseal::abi::read_number(answer);
  const bool written = std::fwrite(answer, 1, answer_bytes, stdout) == answer_bytes;
  std::free(answer);
  return written;
}

}  // namespace

int main() {
  while (answer_one()) {
  }
  return std::feof(stdin) != 0 && std::ferror(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
