#pragma once
/// @file frame.hpp
/// The frames in which the differential test asks and is answered. A frame is a count and then the fields, each a length
/// and its bytes; every number is a 32-bit little-endian one. An answer is the size of a frame and then the frame.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string_view>

namespace waxseal::differential {

inline constexpr std::size_t number_bytes = 4;

inline std::uint32_t read_number(const std::uint8_t* from) {
  return static_cast<std::uint32_t>(from[0]) | static_cast<std::uint32_t>(from[1]) << 8 |
         static_cast<std::uint32_t>(from[2]) << 16 | static_cast<std::uint32_t>(from[3]) << 24;
}

inline std::uint8_t* write_number(std::uint8_t* to, std::size_t value) {
  for (std::size_t i = 0; i < number_bytes; ++i) *to++ = static_cast<std::uint8_t>(value >> (8 * i) & 0xffU);
  return to;
}

/// Reads a frame of exactly `count` fields without copying: they point into it. False if the count is another or the
/// lengths do not add up to `size` exactly.
inline bool read_frame(const std::uint8_t* frame, std::size_t size, std::string_view* fields, std::size_t count) {
  if (size < number_bytes || read_number(frame) != count) return false;
  std::size_t at = number_bytes;
  for (std::size_t i = 0; i < count; ++i) {
    if (size - at < number_bytes) return false;
    const std::uint32_t length = read_number(frame + at);
    at += number_bytes;
    if (size - at < length) return false;
    fields[i] = {reinterpret_cast<const char*>(frame + at), length};
    at += length;
  }
  return at == size;
}

/// Writes an answer: the size of the frame, then the frame. Its memory is `std::malloc`'s. Null when there is none left.
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

/// The fields of a request by position.
template <std::size_t count>
using Request = std::array<std::string_view, count>;

/// Reads the request, hands its fields to `answer`, and answers misuse itself when they cannot be read.
template <std::size_t count>
std::uint8_t* answer_request(const std::uint8_t* frame, std::size_t size,
                             std::uint8_t* (*answer)(const Request<count>&)) {
  Request<count> request;
  return read_frame(frame, size, request.data(), count) ? answer(request)
                                                        : write_answer({"error", "the request is not such a frame"});
}

}  // namespace waxseal::differential
