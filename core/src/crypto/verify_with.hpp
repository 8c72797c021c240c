#pragma once
// The steps of checking a link's signature, the same with the public half of a key as with both.

#include <waxseal/keys.hpp>

namespace waxseal {

/// @param find  `const Key*(const KeyId&)`. @param confirms  `bool(const Key&, const Claims&, const Ed25519Signature&)`.
template <typename Find, typename Confirms>
Result<VerifiedSignature> verify_with(const Link& link, const Find& find, const Confirms& confirms) {
  const Result<Ed25519Signature> signature = decode_signature(link.signature);
  if (!signature) return tl::make_unexpected(signature.error());
  const Result<Claims> claims = claims_of(link);
  if (!claims) return tl::make_unexpected(claims.error());
  const auto* key = find(signature->key_id);
  if (key == nullptr) return fail(ErrorCode::signature_invalid, "unknown key " + encode_hex(signature->key_id));
  if (!confirms(*key, *claims, *signature)) {
    return fail(ErrorCode::signature_invalid, "no match with key " + encode_hex(signature->key_id));
  }
  return VerifiedSignature{signature->key_id, signature->link_version, signature->state_digest};
}

}  // namespace waxseal
