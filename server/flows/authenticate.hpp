#pragma once
/// @file authenticate.hpp
/// Who sends a request: Django REST Framework's token scheme, with its words.

#include <optional>
#include <string_view>

#include "ports/account_store.hpp"

namespace waxseal::server {

/// Reads `Authorization: Token <key>` and finds the account. The scheme's case does not matter.
/// @param authorization  The header's value, or nothing if there is none.
/// Fails with:  ErrorCode::not_authenticated  no header, or another scheme's
///              ErrorCode::invalid_token      no key, a key with spaces, or an unknown one (`detail` tells them apart)
///              ErrorCode::user_inactive, ErrorCode::unavailable, ErrorCode::internal
struct AuthenticationFailure {
  ErrorCode code;
  std::string_view detail;  ///< For the client; static.
  std::string log_detail;
};
tl::expected<Account, AuthenticationFailure> authenticate(AccountStore& accounts,
                                                          std::optional<std::string_view> authorization);

}  // namespace waxseal::server
