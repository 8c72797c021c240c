#pragma once
/// @file jwt_claims.hpp
/// What header and claims of a token say, apart from its signature. Private to this adapter.

#include <nlohmann/json.hpp>

#include "adapters/jwt/libjwt_verifier.hpp"

namespace waxseal::server {

/// The members of one part of a token. Fails with ErrorCode::invalid_token, as everything here.
Result<nlohmann::json> read_jwt_part(std::string_view base64url);

/// Whether a token with this header may be looked at with this key at all.
Result<void> check_jwt_header(const nlohmann::json& header, const JwtSettings& settings);

/// Whether the claims hold at `now`, and whose they are. The signature is good.
Result<std::string> check_jwt_claims(const nlohmann::json& claims, const JwtSettings& settings, UnixTime now);

}  // namespace waxseal::server
