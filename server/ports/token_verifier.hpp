#pragma once
/// @file token_verifier.hpp
/// Whose a signed token is (JWT, RFC 7519): another service made it, this one checks it.

#include <string>
#include <string_view>

#include <waxseal/error.hpp>
#include <waxseal/expiry.hpp>

namespace waxseal::server {

class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;

  /// The id of the account that the token names, if everything about it holds at `now`. Any thread. Does not throw.
  /// Fails with:  ErrorCode::invalid_token  otherwise; log_detail says why and holds nothing of the token
  virtual Result<std::string> account_of(std::string_view token, UnixTime now) const = 0;
};

}  // namespace waxseal::server
