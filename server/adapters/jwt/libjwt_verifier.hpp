#pragma once
/// @file libjwt_verifier.hpp
/// JSON Web Tokens (RFC 7519) of one issuer: libjwt checks the signature, with the one algorithm that the operator chose; the
/// claims are checked here.

#include <chrono>
#include <memory>
#include <string>

#include "ports/token_verifier.hpp"

namespace waxseal::server {

enum class JwtAlgorithm { hs256, rs256, es256 };

struct JwtSettings {
  JwtAlgorithm algorithm = JwtAlgorithm::hs256;
  std::string key;       ///< HS256: the secret. RS256, ES256: a public key in PEM, `BEGIN PUBLIC KEY`.
  std::string issuer;    ///< What `iss` must be; empty: not asked.
  std::string audience;  ///< What `aud` must be or hold; empty: a token that names an audience is not for us.
  std::string key_id;    ///< What `kid` must be; empty: not asked.
  std::string account_claim = "sub";
};

/// Longer tokens are refused unread. Bytes.
inline constexpr std::size_t max_jwt_bytes = 8192;
/// How far the issuer's clock and ours may be apart.
inline constexpr std::chrono::seconds jwt_leeway{30};

/// Accepts a token of three parts in canonical base64url: the header names the algorithm, a `typ` of JWT or none, and no
/// `crit`; the signature holds; `exp` is not over, `nbf` and `iat`, if they are there, are not in the future; issuer, audience and
/// key id are the configured ones; the account's id is a text or a whole number; `token_type`, if it is there, is access
/// (djangorestframework-simplejwt's refresh tokens are not). Members that stand twice are refused.
/// Not checked: whether the issuer has revoked it (`jti`).
class LibjwtVerifier final : public TokenVerifier {
 public:
  /// Fails with:  ErrorCode::internal  the key is not one of the algorithm: RSA of 2048 bits or more, EC on P-256; log_detail
  ///                                   holds nothing of it
  static Result<std::unique_ptr<LibjwtVerifier>> create(JwtSettings settings);

  Result<std::string> account_of(std::string_view token, UnixTime now) const override;

 private:
  explicit LibjwtVerifier(JwtSettings settings) : settings_(std::move(settings)) {}
  bool signature_holds(const std::string& token) const;

  JwtSettings settings_;
};

}  // namespace waxseal::server
