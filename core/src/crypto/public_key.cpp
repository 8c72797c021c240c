#include <sodium.h>

#include <algorithm>

#include <waxseal/keys.hpp>

#include "read_quietly.hpp"
#include "signed_bytes.hpp"
#include "verify_with.hpp"

namespace waxseal {

PublicKey::PublicKey(const ByteArray<32>& key) : key_(key), id_{} {
  static_assert(std::tuple_size_v<ByteArray<32>> == crypto_sign_PUBLICKEYBYTES);
  const ByteArray<32> fingerprint = sha256({reinterpret_cast<const char*>(key.data()), key.size()});
  std::copy_n(fingerprint.begin(), id_.size(), id_.begin());
}

Result<PublicKey> PublicKey::parse(std::string_view base64url) {
  ByteArray<32> key{};
  if (decode_base64url(base64url, key.data(), key.size()) != key.size()) {
    return fail(ErrorCode::signature_invalid, "a public key is 32 bytes of base64url without padding");
  }
  return PublicKey{key};
}

namespace {

bool signed_by(const ByteArray<32>& key, Purpose purpose, const SignedValues& values,
               const Ed25519Signature& signature) {
  const std::string message = signed_bytes(purpose, values, signature.link_version, signature.state_digest);
  return crypto_sign_verify_detached(signature.signature.data(), reinterpret_cast<const unsigned char*>(message.data()),
                                     message.size(), key.data()) == 0;
}

}  // namespace

bool PublicKey::verifies(Purpose purpose, const Claims& claims, const Ed25519Signature& signature) const {
  const std::string timestamp = to_text(claims.issued_at);
  return signed_by(key_, purpose, {claims.user_id, claims.email, timestamp}, signature);
}

void PublicKeyRing::add(const PublicKey& key) {
  const auto same_id = [&](const PublicKey& other) { return other.id() == key.id(); };
  const auto place = std::find_if(keys_.begin(), keys_.end(), same_id);
  if (place != keys_.end()) {
    *place = key;
  } else {
    keys_.push_back(key);
  }
}

const PublicKey* PublicKeyRing::find(const KeyId& id) const {
  const auto has_id = [&](const PublicKey& key) { return key.id() == id; };
  const auto place = std::find_if(keys_.begin(), keys_.end(), has_id);
  return place != keys_.end() ? &*place : nullptr;
}

std::optional<bool> PublicKeyRing::confirms(Purpose purpose, const Link& link) const {
  const std::optional<Ed25519Signature> signature = read_signature(link.signature);
  if (!signature) return false;
  const PublicKey* const key = find(signature->key_id);
  if (key == nullptr) return std::nullopt;
  return signed_by(key->bytes(), purpose, {link.user_id, link.email, link.timestamp}, *signature);
}

Result<VerifiedSignature> PublicKeyRing::verify(Purpose purpose, const Link& link) const {
  return verify_with(
      link, [this](const KeyId& id) { return find(id); },
      [&](const PublicKey& key, const Claims& claims, const Ed25519Signature& signature) {
        return key.verifies(purpose, claims, signature);
      });
}

}  // namespace waxseal
