#include <waxseal/bytes.hpp>

namespace waxseal {
namespace {

constexpr std::string_view base64url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// 0 to 63, or -1 for a character outside the alphabet.
int sextet_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  if (c == '_') return 63;
  return -1;
}

}  // namespace

std::string encode_base64url(const std::uint8_t* data, std::size_t size) {
  std::string text;
  text.reserve((size * 4 + 2) / 3);
  std::uint32_t pending = 0;
  int pending_bits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    pending = (pending << 8 | data[i]) & 0xffffU;
    pending_bits += 8;
    while (pending_bits >= 6) {
      pending_bits -= 6;
      text += base64url_alphabet[pending >> pending_bits & 63U];
    }
  }
  if (pending_bits > 0) text += base64url_alphabet[pending << (6 - pending_bits) & 63U];
  return text;
}

std::optional<std::size_t> decode_base64url(std::string_view text, std::uint8_t* out, std::size_t capacity) {
  std::size_t written = 0;
  std::uint32_t pending = 0;
  int pending_bits = 0;
  for (const char c : text) {
    const int sextet = sextet_of(c);
    if (sextet < 0) return std::nullopt;
    pending = (pending << 6 | static_cast<std::uint32_t>(sextet)) & 0xffffU;
    pending_bits += 6;
    if (pending_bits >= 8) {
      if (written == capacity) return std::nullopt;
      pending_bits -= 8;
      out[written++] = static_cast<std::uint8_t>(pending >> pending_bits);
    }
  }
  // One leftover character carries no byte, and leftover bits that are not zero are a second spelling.
  const bool dangling_character = pending_bits == 6;
  const bool dangling_bits = (pending & ((1U << pending_bits) - 1U)) != 0;
  if (dangling_character || dangling_bits) return std::nullopt;
  return written;
}

Result<Bytes> decode_base64url(std::string_view text) {
  Bytes bytes(text.size());
  const std::optional<std::size_t> size = decode_base64url(text, bytes.data(), bytes.size());
  if (!size) return fail(ErrorCode::signature_invalid, "not canonical base64url");
  bytes.resize(*size);
  return bytes;
}

std::string encode_hex(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[data[i] >> 4];
    text += digits[data[i] & 15];
  }
  return text;
}

}  // namespace waxseal
