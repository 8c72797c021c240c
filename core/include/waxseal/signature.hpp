#pragma once
/// @file signature.hpp
/// The last parameter of a link: its form, and what the `ed25519` scheme puts into it. The `django` scheme is
/// in django_signer.hpp. Layout and signed bytes are specified in docs/link-format.md. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <waxseal/bytes.hpp>
#include <waxseal/error.hpp>
#include <waxseal/expiry.hpp>
#include <waxseal/link.hpp>

namespace waxseal {

/// A signature longer than this is invalid, refused before it is decoded. Characters.
inline constexpr std::size_t max_signature_characters = 128;

/// What a link may be used for. Signed, so that a link of one purpose never passes for the other.
enum class Purpose { register_email, undo_email };

/// "register-email" or "undo-email".
std::string_view wire_name(Purpose purpose);
std::optional<Purpose> purpose_of(std::string_view wire_name);

/// First 4 bytes of SHA-256 of the public key. Names a key inside a signature; 8 hex digits as a JWK `kid`.
using KeyId = ByteArray<4>;

/// A counter per account: the request for another address raises it, and so does an applied change.
using LinkVersion = std::uint32_t;

/// Fingerprint of what the account looked like when the link was signed. See `SigningKey::state_digest`.
using StateDigest = ByteArray<8>;

/// Told from the bytes alone, no key needed.
enum class SignatureForm {
  ed25519,  ///< 81 bytes, the first one 0x01.
  django,   ///< 32 bytes: an HMAC-SHA-256.
  unknown,  ///< Neither, or not canonical base64url: no verifier can accept it.
};
SignatureForm form_of_signature(std::string_view signature);

/// The decoded form of an `ed25519` signature:
/// 0x01 | key id (4) | link version (4, big endian) | state digest (8) | Ed25519 signature (64).
struct Ed25519Signature {
  KeyId key_id;
  LinkVersion link_version;
  StateDigest state_digest;
  ByteArray<64> signature;
};

/// Fails with:  ErrorCode::signature_invalid  not the one canonical spelling of such a signature
Result<Ed25519Signature> decode_signature(std::string_view text);
std::string encode_signature(const Ed25519Signature& signature);

/// What both schemes sign: who, which address, when.
struct Claims {
  std::string user_id;  ///< UTF-8, not empty.
  std::string email;    ///< register-email: the new address; undo-email: the old one.
  UnixTime issued_at;
};

/// The link's first three values. Fails with:  ErrorCode::signature_invalid  the timestamp is not one that is ever signed
Result<Claims> claims_of(const Link& link);

}  // namespace waxseal
