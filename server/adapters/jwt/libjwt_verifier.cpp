#include "adapters/jwt/libjwt_verifier.hpp"

#include <jwt.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>

#include <waxseal/bytes.hpp>

#include "adapters/jwt/jwt_claims.hpp"

namespace waxseal::server {
namespace {

constexpr int least_rsa_bits = 2048;
constexpr std::size_t least_secret_bytes = 32;  ///< RFC 7518 section 3.2: as long as the hash.

using PublicKeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

PublicKeyPointer read_public_key(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bytes{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                        &BIO_free};
  return {bytes ? PEM_read_bio_PUBKEY(bytes.get(), nullptr, nullptr, nullptr) : nullptr, &EVP_PKEY_free};
}

bool is_on_p256(const EVP_PKEY* key) {
  std::array<char, 64> curve{};
  std::size_t length = 0;
  return EVP_PKEY_get_group_name(key, curve.data(), curve.size(), &length) == 1 &&
         std::string_view{curve.data(), length} == SN_X9_62_prime256v1;
}

Result<void> check_key(const JwtSettings& settings) {
  const auto refused = [](std::string why) { return fail(ErrorCode::internal, std::move(why)); };
  if (settings.algorithm == JwtAlgorithm::hs256) {
    if (settings.key.size() < least_secret_bytes) return refused("the secret for HS256 has under 32 bytes");
    return {};
  }
  const PublicKeyPointer key = read_public_key(settings.key);
  if (!key) return refused("the key is no public key in PEM");
  if (settings.algorithm == JwtAlgorithm::rs256) {
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return refused("RS256 needs an RSA key");
    if (EVP_PKEY_get_bits(key.get()) < least_rsa_bits) return refused("the RSA key has under 2048 bits");
    return {};
  }
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC || !is_on_p256(key.get())) {
    return refused("ES256 needs an EC key on P-256");
  }
  return {};
}

jwt_alg_t libjwt_algorithm(JwtAlgorithm algorithm) {
  switch (algorithm) {
    case JwtAlgorithm::hs256: return JWT_ALG_HS256;
    case JwtAlgorithm::rs256: return JWT_ALG_RS256;
    case JwtAlgorithm::es256: return JWT_ALG_ES256;
  }
  return JWT_ALG_INVAL;
}

tl::unexpected<Error> refused(const char* why) { return fail(ErrorCode::invalid_token, why); }

}  // namespace

Result<std::unique_ptr<LibjwtVerifier>> LibjwtVerifier::create(JwtSettings settings) {
  if (const auto good = check_key(settings); !good) return tl::make_unexpected(good.error());
  return std::unique_ptr<LibjwtVerifier>{new LibjwtVerifier{std::move(settings)}};
}

/// libjwt takes the algorithm from the header, which was compared before; what it took is compared once more.
bool LibjwtVerifier::signature_holds(const std::string& token) const {
  jwt_t* decoded = nullptr;
  const int failed = jwt_decode(&decoded, token.c_str(), reinterpret_cast<const unsigned char*>(settings_.key.data()),
                                static_cast<int>(settings_.key.size()));
  const std::unique_ptr<jwt_t, decltype(&jwt_free)> owned{decoded, &jwt_free};
  return failed == 0 && owned && jwt_get_alg(owned.get()) == libjwt_algorithm(settings_.algorithm);
}

Result<std::string> LibjwtVerifier::account_of(std::string_view token, UnixTime now) const {
  if (token.size() > max_jwt_bytes) return refused("jwt: over 8192 bytes");
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return refused("jwt: not three parts");
  }
  const auto header = read_jwt_part(token.substr(0, first));
  if (!header) return tl::make_unexpected(header.error());
  if (const auto good = check_jwt_header(*header, settings_); !good) return tl::make_unexpected(good.error());
  const auto signature = decode_base64url(token.substr(second + 1));
  if (!signature || signature->empty()) return refused("jwt: the signature is no base64url");
  if (!signature_holds(std::string{token})) return refused("jwt: the signature does not hold");
  const auto claims = read_jwt_part(token.substr(first + 1, second - first - 1));
  if (!claims) return tl::make_unexpected(claims.error());
  return check_jwt_claims(*claims, settings_, now);
}

}  // namespace waxseal::server
