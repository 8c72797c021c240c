#include "signed_bytes.hpp"

namespace waxseal {
namespace {

void append_big_endian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xffU);
}

}  // namespace

void append_length_prefixed(std::string& out, std::string_view value) {
  append_big_endian(out, static_cast<std::uint32_t>(value.size()));
  out += value;
}

std::string signed_bytes(Purpose purpose, const SignedValues& values, LinkVersion version, const StateDigest& digest) {
  std::string bytes;
  bytes += "waxseal/1";
  bytes += '\0';
  bytes += wire_name(purpose);
  bytes += '\0';
  append_length_prefixed(bytes, values.user_id);
  append_length_prefixed(bytes, values.email);
  append_length_prefixed(bytes, values.timestamp);
  append_big_endian(bytes, version);
  bytes.append(digest.begin(), digest.end());
  return bytes;
}

}  // namespace waxseal
