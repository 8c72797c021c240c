#include "flows/authenticate.hpp"

#include <waxseal/email_address.hpp>

namespace waxseal::server {
namespace {

using Identified = tl::expected<Account, AuthenticationFailure>;

constexpr std::string_view header_spaces = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(header_spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(header_spaces) - first + 1);
}

tl::unexpected<AuthenticationFailure> refused_in_words(ErrorCode code, std::string_view detail) {
  return tl::make_unexpected(AuthenticationFailure{code, detail, std::string{detail}});
}

tl::unexpected<AuthenticationFailure> refused(ErrorCode code, std::string log_detail) {
  return tl::make_unexpected(AuthenticationFailure{code, public_detail(code), std::move(log_detail)});
}

/// What stands behind the name of the scheme, or nothing if the header is another scheme's.
std::optional<std::string_view> parameter_of(std::optional<std::string_view> authorization, std::string_view scheme) {
  const std::string_view header = trimmed(authorization.value_or(std::string_view{}));
  const std::string_view name = header.substr(0, header.find_first_of(header_spaces));
  if (ascii_lower(name) != scheme) return std::nullopt;
  return trimmed(header.substr(name.size()));
}

/// The account that was looked for, if it was found and is active.
Identified active_account(Result<std::optional<Account>> found, ErrorCode if_unknown) {
  if (!found) return refused(found.error().code, std::move(found.error().log_detail));
  if (!*found) return refused(if_unknown, "no such account");
  if (!(*found)->active) return refused(ErrorCode::user_inactive, "the account is inactive");
  return std::move(**found);
}

}  // namespace

Identified Authenticate::identify(const Credentials& credentials) const {
  for (const AuthenticationScheme scheme : schemes_) {
    if (auto identified = try_scheme(scheme, credentials)) return std::move(*identified);
  }
  return refused(ErrorCode::not_authenticated, "no scheme found credentials");
}

/// Nothing if the request shows nothing of this scheme.
std::optional<Identified> Authenticate::try_scheme(AuthenticationScheme scheme, const Credentials& credentials) const {
  switch (scheme) {
    case AuthenticationScheme::token:
      if (const auto token = parameter_of(credentials.authorization, "token")) return by_token(*token);
      break;
    case AuthenticationScheme::proxy:
      if (credentials.named_by_proxy && !trimmed(credentials.named_by_proxy->value).empty()) {
        return by_name(*credentials.named_by_proxy);
      }
      break;
  }
  return std::nullopt;
}

Identified Authenticate::by_token(std::string_view token) const {
  if (token.empty())
    return refused_in_words(ErrorCode::invalid_token, "Invalid token header. No credentials provided.");
  if (token.find_first_of(header_spaces) != std::string_view::npos) {
    return refused_in_words(ErrorCode::invalid_token, "Invalid token header. Token string should not contain spaces.");
  }
  if (!is_utf8(token)) {
    return refused_in_words(ErrorCode::invalid_token,
                            "Invalid token header. Token string should not contain invalid characters.");
  }
  return active_account(accounts_.find_account_by_token(token), ErrorCode::invalid_token);
}

/// Two values could be two proxies' opinions, or a client's beside the proxy's: neither is believed.
Identified Authenticate::by_name(const Credentials::ProxyHeader& header) const {
  const std::string_view id = trimmed(header.value);
  const bool once = header.stands == Credentials::ProxyHeader::Stands::once;
  if (!once || id.size() > max_named_account_bytes || !is_utf8(id)) {
    return refused_in_words(ErrorCode::invalid_token, "Invalid proxy header.");
  }
  return active_account(accounts_.find_account(id), ErrorCode::user_inactive);
}

std::string Authenticate::challenge() const {
  std::string challenges;
  for (const AuthenticationScheme scheme : schemes_) {
    const std::string_view challenge = scheme == AuthenticationScheme::token ? "Token" : "Proxy";
    challenges.append(challenges.empty() ? "" : ", ").append(challenge);
  }
  return challenges;
}

}  // namespace waxseal::server
