#pragma once
/// @file jwt_maker.hpp
/// Makes JSON Web Tokens of any content, hostile ones too, with OpenSSL alone: what checks them is not what made them.

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <stdexcept>
#include <string>

#include <waxseal/bytes.hpp>

namespace waxseal::test {

inline std::string base64url(std::string_view text) {
  return encode_base64url(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

inline std::string hmac_sha256(std::string_view key, std::string_view message) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()),
       message.size(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

/// A key pair that lives as long as the test.
class KeyPair {
 public:
  explicit KeyPair(EVP_PKEY* key) : key_(key, &EVP_PKEY_free) {
    if (!key_) throw std::runtime_error{"OpenSSL made no key"};
  }

  std::string public_pem() const { return written(&PEM_write_bio_PUBKEY); }
  std::string private_pem() const {
    return written(+[](BIO* out, const EVP_PKEY* key) {
      return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

  /// RS256's signature as it is; ES256's as the two numbers one after the other (RFC 7518 section 3.4).
  std::string sign(std::string_view message) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    const auto* data = reinterpret_cast<const unsigned char*>(message.data());
    std::string signature(1024, '\0');
    std::size_t size = signature.size();
    if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data,
                       message.size()) != 1) {
      throw std::runtime_error{"OpenSSL did not sign"};
    }
    signature.resize(size);
    return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_EC ? two_numbers(signature) : signature;
  }

 private:
  static std::string two_numbers(const std::string& der) {
    const auto* data = reinterpret_cast<const unsigned char*>(der.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> numbers{
        d2i_ECDSA_SIG(nullptr, &data, static_cast<long>(der.size())), &ECDSA_SIG_free};
    std::string raw(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(numbers.get()), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(numbers.get()), out + 32, 32);
    return raw;
  }

  std::string written(int (*write)(BIO*, const EVP_PKEY*)) const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), &BIO_free};
    write(out.get(), key_.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }

  std::shared_ptr<EVP_PKEY> key_;
};

inline const KeyPair& rsa_key() {
  static const KeyPair key{EVP_RSA_gen(2048)};
  return key;
}
inline const KeyPair& p256_key() {
  static const KeyPair key{EVP_EC_gen("P-256")};
  return key;
}

/// What is signed of a token.
inline std::string signed_part(std::string_view header, std::string_view claims) {
  return base64url(header) + "." + base64url(claims);
}
inline std::string with_signature(const std::string& part, std::string_view signature) {
  return part + "." + base64url(signature);
}

inline std::string hs256_token(std::string_view secret, std::string_view claims,
                               std::string_view header = R"({"alg":"HS256","typ":"JWT"})") {
  const std::string part = signed_part(header, claims);
  return with_signature(part, hmac_sha256(secret, part));
}
inline std::string signed_token(const KeyPair& key, std::string_view header, std::string_view claims) {
  const std::string part = signed_part(header, claims);
  return with_signature(part, key.sign(part));
}

}  // namespace waxseal::test
