#pragma once
/// @file authenticate.hpp
/// Who sends a request, by the schemes that the operator chose, with the words of Django REST Framework.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/account_store.hpp"
#include "ports/clock.hpp"
#include "ports/token_verifier.hpp"

namespace waxseal::server {

enum class AuthenticationScheme {
  token,  ///< `Authorization: Token <key>`, Django REST Framework's own.
  jwt,    ///< `Authorization: Bearer <JWT>` (RFC 6750).
  proxy,  ///< A trusted proxy in front names the account in a header.
};

/// What a request shows of its sender.
struct Credentials {
  struct ProxyHeader {
    std::string_view value;
    enum class Stands { once, repeatedly } stands = Stands::once;
  };
  std::optional<std::string_view> authorization;  ///< The header's value.
  /// The header that names an account, of a request that a trusted proxy sent itself; of any other request: nothing.
  std::optional<ProxyHeader> named_by_proxy;
};

struct AuthenticationFailure {
  ErrorCode code;
  std::string_view detail;  ///< For the client; static.
  std::string log_detail;
  std::optional<AuthenticationScheme> scheme =
      std::nullopt;  ///< Whose credentials were refused; nothing: there were none.
};

class Authenticate {
 public:
  struct Ports {
    AccountStore& accounts;
    const Clock& clock;
    const TokenVerifier* token_verifier = nullptr;  ///< For jwt. None: every such token is refused.
  };

  /// @param schemes  In the order in which they are tried.
  Authenticate(std::vector<AuthenticationScheme> schemes, Ports ports) : schemes_(std::move(schemes)), ports_(ports) {}

  /// Finds the account by the first scheme of which the request shows anything; the others are not asked any more.
  /// Token, jwt: the scheme's case does not matter. Proxy: the header must stand once and hold the id of an active
  /// account; an empty one shows nothing.
  /// Fails with:  ErrorCode::not_authenticated  nothing is shown of any scheme
  ///              ErrorCode::invalid_token      no key, a key with spaces, an unknown one, a JWT that does not hold, or a
  ///                                            name of the proxy that is none (`detail` tells some apart)
  ///              ErrorCode::user_inactive      the account is, or no account has the id that proxy or JWT name
  ///              ErrorCode::unavailable, ErrorCode::internal
  tl::expected<Account, AuthenticationFailure> identify(const Credentials& credentials) const;

  /// Whether there is a scheme at all.
  bool anybody_can() const { return !schemes_.empty(); }

  /// The value of `WWW-Authenticate` of a refusal (RFC 9110 section 11.6.1, RFC 6750 section 3).
  std::string challenge(const AuthenticationFailure& failure) const;

 private:
  using Identified = tl::expected<Account, AuthenticationFailure>;
  std::optional<Identified> try_scheme(AuthenticationScheme scheme, const Credentials& credentials) const;
  Identified by_token(std::string_view token) const;
  Identified by_jwt(std::string_view token) const;
  Identified by_name(const Credentials::ProxyHeader& header) const;

  std::vector<AuthenticationScheme> schemes_;
  Ports ports_;
};

}  // namespace waxseal::server
