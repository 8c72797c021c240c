#include <waxseal/signature.hpp>

#include <algorithm>

namespace waxseal {
namespace {

constexpr std::uint8_t ed25519_form_byte = 0x01;
constexpr std::size_t key_id_at = 1;
constexpr std::size_t link_version_at = 5;
constexpr std::size_t state_digest_at = 9;
constexpr std::size_t ed25519_signature_at = 17;
constexpr std::size_t ed25519_form_bytes = 81;
constexpr std::size_t django_form_bytes = 32;

Result<Bytes> decode_bounded(std::string_view signature) {
  if (signature.size() > max_signature_characters) {
    return fail(ErrorCode::signature_invalid, "signature longer than 128 characters");
  }
  return decode_base64url(signature);
}

bool is_ed25519_form(const Bytes& bytes) { return bytes.size() == ed25519_form_bytes && bytes[0] == ed25519_form_byte; }

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
  const Result<Bytes> bytes = decode_bounded(signature);
  if (!bytes) return SignatureForm::unknown;
  if (is_ed25519_form(*bytes)) return SignatureForm::ed25519;
  return bytes->size() == django_form_bytes ? SignatureForm::django : SignatureForm::unknown;
}

Result<Ed25519Signature> decode_signature(std::string_view text) {
  const Result<Bytes> bytes = decode_bounded(text);
  if (!bytes) return tl::make_unexpected(bytes.error());
  if (!is_ed25519_form(*bytes)) return fail(ErrorCode::signature_invalid, "not the form of an ed25519 signature");
  const std::uint8_t* data = bytes->data();
  Ed25519Signature decoded{};
  std::copy_n(data + key_id_at, decoded.key_id.size(), decoded.key_id.begin());
  for (std::size_t i = 0; i < 4; ++i) decoded.link_version = decoded.link_version << 8 | data[link_version_at + i];
  std::copy_n(data + state_digest_at, decoded.state_digest.size(), decoded.state_digest.begin());
  std::copy_n(data + ed25519_signature_at, decoded.signature.size(), decoded.signature.begin());
  return decoded;
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
