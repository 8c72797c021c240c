/// @file native_judge.cpp
/// Runs the border of the WebAssembly module natively, for differential.mjs: reads requests from stdin, each a byte
/// that names the function, a 32-bit little-endian size and a frame, and writes the answers to stdout, each the size of a
/// frame and the frame. What the module answers in a struct is written out here as differential.mjs does it there.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "abi.hpp"
#include "frame.hpp"

extern "C" std::uint8_t* waxseal_judge(const std::uint8_t* request, std::uint32_t size);

namespace waxseal::differential {
namespace {

std::uint32_t size_of(std::string_view text) { return static_cast<std::uint32_t>(text.size()); }

/// url, template, purpose (0 or 1), now, period, keys ("-" for none, else 36 bytes each, the id first).
std::uint8_t* check(const Request<6>& f) {
  const std::uint32_t key_count = f[5] == "-" ? abi::no_keys : size_of(f[5]) / 36;
  const std::unique_ptr<const abi::CheckAnswer> answer{waxseal_check(
      f[0].data(), size_of(f[0]), f[1].data(), size_of(f[1]), reinterpret_cast<const std::uint8_t*>(f[5].data()),
      key_count, f[2] == "0" ? 0U : 1U, std::stod(std::string{f[3]}), std::stod(std::string{f[4]}))};
  std::string numbers;
  for (const std::uint32_t number :
       {std::uint32_t{answer->status}, answer->authentic, answer->unknown_key, answer->missing}) {
    numbers += std::to_string(number) + " ";
  }
  numbers += std::to_string(static_cast<std::int64_t>(answer->expires_at_unix_s));
  return write_answer({numbers, answer->values[0].view(), answer->values[1].view(), answer->values[2].view(),
                       answer->values[3].view()});
}

/// address, policy (0 or 1).
std::uint8_t* accepts_email(const Request<2>& f) {
  return write_answer(
      {waxseal_accepts_email(f[0].data(), size_of(f[0]), f[1] == "0" ? 0 : 1) == 1 ? "accepted" : "refused"});
}

std::uint8_t* answer_to(int function, const std::uint8_t* request, std::uint32_t size) {
  switch (function) {
    case 'c': return answer_request<6>(request, size, check);
    case 'e': return answer_request<2>(request, size, accepts_email);
    case 'j': return waxseal_judge(request, size);
    default: return nullptr;
  }
}

/// Answers one request. False at the end of the input or when it makes no sense.
bool answer_one() {
  const int function = std::getchar();
  std::uint8_t size_bytes[number_bytes];
  if (function == EOF || std::fread(size_bytes, 1, sizeof size_bytes, stdin) != sizeof size_bytes) return false;
  const std::uint32_t size = read_number(size_bytes);
  std::vector<std::uint8_t> request(size);
  if (std::fread(request.data(), 1, size, stdin) != size) return false;
  std::uint8_t* const answer = answer_to(function, request.data(), size);
  if (answer == nullptr) return false;
  const std::size_t answer_bytes = number_bytes + read_number(answer);
  const bool written = std::fwrite(answer, 1, answer_bytes, stdout) == answer_bytes;
  std::free(answer);
  return written;
}

}  // namespace
}  // namespace waxseal::differential

int main() {
  while (waxseal::differential::answer_one()) {
  }
  return std::feof(stdin) != 0 && std::ferror(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
