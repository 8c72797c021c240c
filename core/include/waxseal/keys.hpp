#pragma once
/// @file keys.hpp
/// The keys of the `ed25519` scheme, and the ring that lets them rotate: the newest signs, all that are not
/// retired verify. Pure: seeds and times come from the caller. Signatures are RFC 8032's Ed25519.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <waxseal/bytes.hpp>
#include <waxseal/error.hpp>
#include <waxseal/expiry.hpp>
#include <waxseal/signature.hpp>

namespace waxseal {

/// The public half: verifies. Safe to publish.
class PublicKey {
 public:
  explicit PublicKey(const ByteArray<32>& key);

  /// A key whose id was made elsewhere, by the platform's SHA-256. With another id it confirms no link that it signed.
  PublicKey(const KeyId& id, const ByteArray<32>& key) : key_(key), id_(id) {}

  /// Reads the `x` member of a JWK (RFC 8037 section 2).
  /// Fails with:  ErrorCode::signature_invalid  not 32 bytes of canonical base64url
  static Result<PublicKey> parse(std::string_view base64url);

  const KeyId& id() const { return id_; }
  std::string kid() const { return encode_hex(id_); }  ///< The JWK `kid`: 8 lower-case hex digits.
  const ByteArray<32>& bytes() const { return key_; }

  /// True if this key signed exactly these claims, for this purpose, version and digest. Constant time in the signature.
  bool verifies(Purpose purpose, const Claims& claims, const Ed25519Signature& signature) const;

 private:
  ByteArray<32> key_;
  KeyId id_;
};

/// What the state digest is made of. See `SigningKey::state_digest`.
struct AccountState {
  std::string_view user_id;
  std::string_view current_email;  ///< Exactly as stored.
  std::string_view credential;  ///< The credential column as stored, e.g. a password hash. Empty if none is configured.
};

/// The secret half: signs, and derives the key of the state digest. Move-only; in guarded memory that is read-only from the
/// start, see secret_memory.hpp.
class SigningKey {
 public:
  /// The key of an Ed25519 seed (RFC 8032 section 5.1.5). @param seed  32 random bytes; the caller wipes its copy.
  static SigningKey from_seed(const ByteArray<32>& seed);

  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  const PublicKey& public_key() const;

  /// First 8 bytes of BLAKE2b-256 over user id, current address and credential (each with its 4-byte big-endian
  /// length), keyed with crypto_kdf(seed, id 1, context "waxstate"). A link dies when one of them changes.
  StateDigest state_digest(const AccountState& state) const;

  /// Signs. The digest is zero for `Purpose::undo_email`.
  Ed25519Signature sign(Purpose purpose, const Claims& claims, LinkVersion version, const StateDigest& digest) const;

  /// True if this is the very signature that `sign` makes of these claims, for this purpose, version and digest. Ed25519 is
  /// deterministic, so every link that was signed here passes, at less than half of what `PublicKey::verifies` costs. What that
  /// refuses is refused here, too. It would pass one more thing: other signatures by the holder of this very key.
  bool signed_this(Purpose purpose, const Claims& claims, const Ed25519Signature& signature) const;

 private:
  struct Secret;
  explicit SigningKey(std::unique_ptr<Secret> secret);
  std::unique_ptr<Secret> secret_;  ///< Its `operator new` takes guarded memory.
};

/// What the signer said of a link that verifies.
struct VerifiedSignature {
  KeyId key_id;
  LinkVersion link_version;
  StateDigest state_digest;
};

/// Public keys by id: what a page needs.
class PublicKeyRing {
 public:
  /// Adds a key; one with the id of a key that is there already replaces it.
  void add(const PublicKey& key);
  const PublicKey* find(const KeyId& id) const;
  const std::vector<PublicKey>& keys() const { return keys_; }
  bool empty() const { return keys_.empty(); }

  /// Whether a key of the ring signed the link, said without a reason, for those who only show it. Says nothing of its
  /// age. @return  nothing if the signature names a key that the ring does not have; false for any other form.
  std::optional<bool> confirms(Purpose purpose, const Link& link) const;

  /// Checks a link's signature. Says nothing of its age.
  /// Fails with:  ErrorCode::signature_invalid  wrong form, unknown key (log_detail starts with "unknown key"), or no match
  Result<VerifiedSignature> verify(Purpose purpose, const Link& link) const;

 private:
  std::vector<PublicKey> keys_;
};

/// Signing keys: what a backend holds. The last one added is the newest.
class KeyRing {
 public:
  /// Adds a key as the newest.
  /// Fails with:  ErrorCode::internal  the ring has a key with this id
  Result<void> add(SigningKey key);

  /// As PublicKeyRing::verify, for who holds the secret halves: see SigningKey::signed_this.
  Result<VerifiedSignature> verify(Purpose purpose, const Link& link) const;

  const SigningKey* newest() const;  ///< Null if the ring is empty.
  const SigningKey* find(const KeyId& id) const;
  const PublicKeyRing& public_keys() const { return public_keys_; }

 private:
  std::vector<SigningKey> keys_;
  PublicKeyRing public_keys_;
};

}  // namespace waxseal
