#include "flows/authenticate.hpp"

#include <waxseal/email_address.hpp>

namespace waxseal::server {
namespace {

constexpr std::string_view header_spaces = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(header_spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(header_spaces) - first + 1);
}

tl::unexpected<AuthenticationFailure> refused(ErrorCode code, std::string_view detail) {
  return tl::make_unexpected(AuthenticationFailure{code, detail, std::string{detail}});
}

}  // namespace

tl::expected<Account, AuthenticationFailure> authenticate(AccountStore& accounts,
                                                          std::optional<std::string_view> authorization) {
  const std::string_view header = trimmed(authorization.value_or(std::string_view{}));
  const std::string_view scheme = header.substr(0, header.find_first_of(header_spaces));
  if (ascii_lower(scheme) != "token") {
    return refused(ErrorCode::not_authenticated, public_detail(ErrorCode::not_authenticated));
  }
  const std::string_view token = trimmed(header.substr(scheme.size()));
  if (token.empty()) return refused(ErrorCode::invalid_token, "Invalid token header. No credentials provided.");
  if (token.find_first_of(header_spaces) != std::string_view::npos) {
    return refused(ErrorCode::invalid_token, "Invalid token header. Token string should not contain spaces.");
  }
  if (!is_utf8(token)) {
    return refused(ErrorCode::invalid_token,
                   "Invalid token header. Token string should not contain invalid characters.");
  }
  auto account = accounts.find_account_by_token(token);
  if (!account) {
    return tl::make_unexpected(AuthenticationFailure{account.error().code, public_detail(account.error().code),
                                                     std::move(account.error().log_detail)});
  }
  if (!*account) return refused(ErrorCode::invalid_token, public_detail(ErrorCode::invalid_token));
  if (!(*account)->active) return refused(ErrorCode::user_inactive, public_detail(ErrorCode::user_inactive));
  return std::move(**account);
}

}  // namespace waxseal::server
