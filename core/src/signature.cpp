#include <waxseal/signature.hpp>

#include <algorithm>

#include "read_quietly.hpp"

namespace waxseal {
namespace {

constexpr std::uint8_t ed25519_form_byte = 0x01;
constexpr std::size_t key_id_at = 1;
constexpr std::size_t link_version_at = 5;
constexpr std::size_t state_digest_at = 9;
constexpr std::size_t ed25519_signature_at = 17;
constexpr std::size_t ed25519_form_bytes = 81;
constexpr std::size_t django_form_bytes = 32;

/// What a signature of at most `max_signature_characters` decodes to.
struct SignatureBytes {
  ByteArray<max_signature_characters * 3 / 4> data;
  std::size_t size = 0;  ///< 0 if the text is longer, or not canonical base64url.
};

SignatureBytes decode_bounded(std::string_view signature) {
  SignatureBytes bytes;
  if (signature.size() <= max_signature_characters) {
    bytes.size = decode_base64url(signature, bytes.data.data(), bytes.data.size()).value_or(0);
  }
  return bytes;
}

bool is_ed25519_form(const SignatureBytes& bytes) {
  return bytes.size == ed25519_form_bytes && bytes.data[0] == ed25519_form_byte;
}

}  // namespace

std::string_view wire_name(Purpose purpose) {
  return purpose == Purpose::register_email ? "register-email" : "undo-email";
}

std::optional<Purpose> purpose_of(std::string_view name) {
  for (const Purpose purpose : {Purpose::register_email, Purpose::undo_email}) {
    if (wire_name(purpose) == name) return purpose;
  }
  return std::nullopt;
}

SignatureForm form_of_signature(std::string_view signature) {
  const SignatureBytes bytes = decode_bounded(signature);
  if (is_ed25519_form(bytes)) return SignatureForm::ed25519;
  return bytes.size == django_form_bytes ? SignatureForm::django : SignatureForm::unknown;
}

std::optional<Ed25519Signature> read_signature(std::string_view text) {
  const SignatureBytes bytes = decode_bounded(text);
  if (!is_ed25519_form(bytes)) return std::nullopt;
  const std::uint8_t* data = bytes.data.data();
  Ed25519Signature decoded{};
  std::copy_n(data + key_id_at, decoded.key_id.size(), decoded.key_id.begin());
  for (std::size_t i = 0; i < 4; ++i) decoded.link_version = decoded.link_version << 8 | data[link_version_at + i];
  std::copy_n(data + state_digest_at, decoded.state_digest.size(), decoded.state_digest.begin());
  std::copy_n(data + ed25519_signature_at, decoded.signature.size(), decoded.signature.begin());
  return decoded;
}

Result<Ed25519Signature> decode_signature(std::string_view text) {
  if (text.size() > max_signature_characters) {
    return fail(ErrorCode::signature_invalid, "signature longer than 128 characters");
  }
  if (auto decoded = read_signature(text)) return *decoded;
  return fail(ErrorCode::signature_invalid, "not the form of an ed25519 signature");
}

std::string encode_signature(const Ed25519Signature& signature) {
  ByteArray<ed25519_form_bytes> bytes{};
  bytes[0] = ed25519_form_byte;
  std::copy_n(signature.key_id.begin(), signature.key_id.size(), bytes.begin() + key_id_at);
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[link_version_at + i] = static_cast<std::uint8_t>(signature.link_version >> (24 - 8 * i));
  }
  std::copy_n(signature.state_digest.begin(), signature.state_digest.size(), bytes.begin() + state_digest_at);
  std::copy_n(signature.signature.begin(), signature.signature.size(), bytes.begin() + ed25519_signature_at);
  return encode_base64url(bytes);
}

Result<Claims> claims_of(const Link& link) {
  const Result<UnixTime> issued_at = parse_timestamp(link.timestamp);
  if (!issued_at) return fail(ErrorCode::signature_invalid, issued_at.error().log_detail);
  return Claims{link.user_id, link.email, *issued_at};
}

}  // namespace waxseal
