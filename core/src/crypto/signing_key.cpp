#include <sodium.h>

#include <algorithm>

#include <waxseal/keys.hpp>
#include <waxseal/secret_memory.hpp>

#include "signed_bytes.hpp"
#include "verify_with.hpp"

namespace waxseal {
namespace {

constexpr std::uint64_t state_digest_subkey_id = 1;
constexpr char state_digest_context[crypto_kdf_CONTEXTBYTES + 1] = "waxstate";

}  // namespace

/// Lives in guarded memory once and is never copied.
struct SigningKey::Secret {
  ByteArray<crypto_sign_SECRETKEYBYTES> secret_key{};
  ByteArray<crypto_generichash_KEYBYTES> state_digest_key{};
  PublicKey public_key{ByteArray<32>{}};

  Secret() = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  static void* operator new(std::size_t size) { return guarded_allocate(size); }
  static void operator delete(void* secret) { guarded_free(secret); }
};

SigningKey::SigningKey(std::unique_ptr<Secret> secret) : secret_(std::move(secret)) {}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

SigningKey SigningKey::from_seed(const ByteArray<32>& seed) {
  static_assert(crypto_sign_SEEDBYTES == 32 && crypto_kdf_KEYBYTES == 32);
  static_assert(alignof(Secret) == 1, "guarded memory is not aligned");
  std::unique_ptr<Secret> secret{new Secret};
  ByteArray<32> public_key{};
  crypto_sign_seed_keypair(public_key.data(), secret->secret_key.data(), seed.data());
  crypto_kdf_derive_from_key(secret->state_digest_key.data(), secret->state_digest_key.size(), state_digest_subkey_id,
                             state_digest_context, seed.data());
  secret->public_key = PublicKey{public_key};
  guarded_make_read_only(secret.get());
  return SigningKey{std::move(secret)};
}

const PublicKey& SigningKey::public_key() const { return secret_->public_key; }

StateDigest SigningKey::state_digest(const AccountState& state) const {
  std::string message;
  append_length_prefixed(message, state.user_id);
  append_length_prefixed(message, state.current_email);
  append_length_prefixed(message, state.credential);
  ByteArray<crypto_generichash_BYTES> whole{};
  crypto_generichash(whole.data(), whole.size(), reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                     secret_->state_digest_key.data(), secret_->state_digest_key.size());
  StateDigest digest{};
  std::copy_n(whole.begin(), digest.size(), digest.begin());
  return digest;
}

Ed25519Signature SigningKey::sign(Purpose purpose, const Claims& claims, LinkVersion version,
                                  const StateDigest& digest) const {
  Ed25519Signature signature{public_key().id(), version, digest, {}};
  const std::string timestamp = to_text(claims.issued_at);
  const std::string message = signed_bytes(purpose, {claims.user_id, claims.email, timestamp}, version, digest);
  crypto_sign_detached(signature.signature.data(), nullptr, reinterpret_cast<const unsigned char*>(message.data()),
                       message.size(), secret_->secret_key.data());
  return signature;
}

bool SigningKey::signed_this(Purpose purpose, const Claims& claims, const Ed25519Signature& signature) const {
  const Ed25519Signature made = sign(purpose, claims, signature.link_version, signature.state_digest);
  return made.key_id == signature.key_id &&
         sodium_memcmp(made.signature.data(), signature.signature.data(), made.signature.size()) == 0;
}

Result<void> KeyRing::add(SigningKey key) {
  if (public_keys_.find(key.public_key().id()) != nullptr) {
    return fail(ErrorCode::internal, "two keys have the id " + key.public_key().kid());
  }
  public_keys_.add(key.public_key());
  keys_.push_back(std::move(key));
  return {};
}

Result<VerifiedSignature> KeyRing::verify(Purpose purpose, const Link& link) const {
  return verify_with(
      link, [this](const KeyId& id) { return find(id); },
      [&](const SigningKey& key, const Claims& claims, const Ed25519Signature& signature) {
        return key.signed_this(purpose, claims, signature);
      });
}

const SigningKey* KeyRing::newest() const { return keys_.empty() ? nullptr : &keys_.back(); }

const SigningKey* KeyRing::find(const KeyId& id) const {
  const auto has_id = [&](const SigningKey& key) { return key.public_key().id() == id; };
  const auto place = std::find_if(keys_.begin(), keys_.end(), has_id);
  return place != keys_.end() ? &*place : nullptr;
}

}  // namespace waxseal
