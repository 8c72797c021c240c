#pragma once
/// @file authenticate.hpp
/// Who sends a request, by the schemes that the operator chose, with the words of Django REST Framework.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/account_store.hpp"

namespace waxseal::server {

enum class AuthenticationScheme {
  token,  ///< `Authorization: Token <key>`, Django REST Framework's own.
  proxy,  ///< A trusted proxy in front names the account in a header.
};

/// The longest account id that a proxy may name. Bytes.
inline constexpr std::size_t max_named_account_bytes = 256;

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
};

class Authenticate {
 public:
  /// @param schemes   In the order in which they are tried.
  /// @param accounts  Outlives the flow.
  Authenticate(std::vector<AuthenticationScheme> schemes, AccountStore& accounts)
      : schemes_(std::move(schemes)), accounts_(accounts) {}

  /// Finds the account by the first scheme of which the request shows anything; the others are not asked any more.
  /// Token: the scheme's case does not matter. Proxy: the header must stand once and hold the id of an active
  /// account; an empty one shows nothing.
  /// Fails with:  ErrorCode::not_authenticated  nothing is shown of any scheme
  ///              ErrorCode::invalid_token      no key, a key with spaces, an unknown one, or a name of the proxy that is
  ///                                            none (`detail` tells them apart)
  ///              ErrorCode::user_inactive      the account is, or no account has the id that the proxy named
  ///              ErrorCode::unavailable, ErrorCode::internal
  tl::expected<Account, AuthenticationFailure> identify(const Credentials& credentials) const;

  /// Whether there is a scheme at all.
  bool anybody_can() const { return !schemes_.empty(); }

  /// The value of `WWW-Authenticate` of a refusal (RFC 9110 section 11.6.1).
  std::string challenge() const;

 private:
  using Identified = tl::expected<Account, AuthenticationFailure>;
  std::optional<Identified> try_scheme(AuthenticationScheme scheme, const Credentials& credentials) const;
  Identified by_token(std::string_view token) const;
  Identified by_name(const Credentials::ProxyHeader& header) const;

  std::vector<AuthenticationScheme> schemes_;
  AccountStore& accounts_;
};

}  // namespace waxseal::server
