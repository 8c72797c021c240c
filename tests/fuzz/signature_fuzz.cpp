// A signature has one spelling, its form is told from its bytes, and none that no key made is confirmed.

#include <algorithm>

#include <waxseal/django_signer.hpp>
#include <waxseal/keys.hpp>

#include "require.hpp"

using namespace waxseal;
using fuzz::require;

namespace {

const SigningKey& key() {
  static const SigningKey key = SigningKey::from_seed(ByteArray<32>{1});
  return key;
}

const PublicKeyRing& ring() {
  static const PublicKeyRing ring = [] {
    PublicKeyRing keys;
    keys.add(key().public_key());
    return keys;
  }();
  return ring;
}

void require_one_spelling(std::string_view text) {
  const auto bytes = decode_base64url(text);
  if (bytes) require(encode_base64url(*bytes) == text);
  const auto signature = decode_signature(text);
  if (signature) require(bytes.has_value() && encode_signature(*signature) == text);
  require(signature.has_value() == (form_of_signature(text) == SignatureForm::ed25519));
  const auto public_key = PublicKey::parse(text);
  if (public_key) require(encode_base64url(public_key->bytes()) == text);
}

/// Of these claims the key signed nothing.
void require_not_confirmed(std::string_view text) {
  static const DjangoSigner signer = std::move(*DjangoSigner::create("a secret of these tests"));
  const Link link{"1", "never.signed@a.example", "1700000000", std::string{text}};
  for (const Purpose purpose : {Purpose::register_email, Purpose::undo_email}) require(!ring().verify(purpose, link));
  require(!signer.verifies(link));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  require_one_spelling(text);
  require_not_confirmed(text);
  // The same bytes behind the encoding, which a fuzzer seldom gets through by itself, and under the id of a key that is known.
  Bytes bytes{data, data + size};
  bytes.resize(81);
  bytes[0] = 1;
  if (size % 2 == 0) std::copy(key().public_key().id().begin(), key().public_key().id().end(), bytes.begin() + 1);
  const std::string encoded = encode_base64url(bytes);
  require(decode_signature(encoded).has_value());
  require_one_spelling(encoded);
  require_not_confirmed(encoded);
  return 0;
}
