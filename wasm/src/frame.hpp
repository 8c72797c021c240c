#pragma once
/// @file frame.hpp
/// The frames that cross the border of the module, and how a function of the border is exported. See abi.cpp for the
/// layout. Shared with the differential test.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

/// Makes a function an export of the module. Natively it is an ordinary C function.
#ifdef __EMSCRIPTEN__
#define WAXSEAL_EXPORT(name) extern "C" __attribute__((export_name(#name)))
#else
#define WAXSEAL_EXPORT(name) extern "C"
#endif

namespace waxseal::abi {

inline constexpr std::size_t number_bytes = 4;

inline std::uint32_t read_number(const std::uint8_t* from) {
  return static_cast<std::uint32_t>(from[0]) | static_cast<std::uint32_t>(from[1]) << 8 |
         static_cast<std::uint32_t>(from[2]) << 16 | static_cast<std::uint32_t>(from[3]) << 24;
}

inline std::uint8_t* write_number(std::uint8_t* to, std::size_t value) {
  for (std::size_t i = 0; i < number_bytes; ++i) *to++ = static_cast<std::uint8_t>(value >> (8 * i) & 0xffU);
  return to;
}

/// Reads a frame without copying: the fields point into it. Nothing if its lengths do not add up to `size` exactly.
inline std::optional<std::vector<std::string_view>> read_frame(const std::uint8_t* frame, std::size_t size) {
  if (size < number_bytes) return std::nullopt;
  const std::uint32_t count = read_number(frame);
  std::size_t at = number_bytes;
  std::vector<std::string_view> fields;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (size - at < number_bytes) return std::nullopt;
    const std::uint32_t length = read_number(frame + at);
    at += number_bytes;
    if (size - at < length) return std::nullopt;
    fields.emplace_back(reinterpret_cast<const char*>(frame + at), length);
    at += length;
  }
  if (at != size) return std::nullopt;
  return fields;
}

/// Writes an answer: the size of the frame, then the frame. The caller releases it with `std::free`. Null when there is
/// no memory left.
inline std::uint8_t* write_answer(std::initializer_list<std::string_view> fields) {
  std::size_t frame_bytes = number_bytes;
  for (const std::string_view field : fields) frame_bytes += number_bytes + field.size();
  auto* const answer = static_cast<std::uint8_t*>(std::malloc(number_bytes + frame_bytes));
  if (answer == nullptr) return nullptr;
  std::uint8_t* to = write_number(answer, frame_bytes);
  to = write_number(to, fields.size());
  for (const std::string_view field : fields) {
    to = write_number(to, field.size());
    if (!field.empty()) std::memcpy(to, field.data(), field.size());
    to += field.size();
  }
  return answer;
}

/// Reads the request, hands its fields to `answer`, and answers misuse itself when they cannot be read.
template <typename Answer>
std::uint8_t* answer_request(const std::uint8_t* request, std::size_t size, Answer answer) {
  const auto fields = read_frame(request, size);
  return fields ? answer(*fields) : write_answer({"error", "the request is not a frame"});
}

}  // namespace waxseal::abi
