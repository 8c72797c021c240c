#include "flows/authenticate.hpp"

#include <waxseal/email_address.hpp>

#include "values/text.hpp"

namespace waxseal::server {
namespace {

using Identified = tl::expected<Account, AuthenticationFailure>;

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

/// What is wrong with a token before anybody looks at it, in the words of Django REST Framework.
std::optional<std::string_view> problem_of(std::string_view token) {
  if (token.empty()) return "Invalid token header. No credentials provided.";
  if (token.find_first_of(header_spaces) != std::string_view::npos) {
    return "Invalid token header. Token string should not contain spaces.";
  }
  if (!is_utf8(token)) return "Invalid token header. Token string should not contain invalid characters.";
  return std::nullopt;
}

std::string_view challenge_of(AuthenticationScheme scheme, const AuthenticationFailure& failure) {
  switch (scheme) {
    case AuthenticationScheme::token: return "Token";
    case AuthenticationScheme::proxy: return "Proxy";
    case AuthenticationScheme::jwt: break;
  }
  const bool refused = failure.scheme == AuthenticationScheme::jwt;
  return refused ? R"(Bearer realm="waxseal", error="invalid_token")" : R"(Bearer realm="waxseal")";
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
    auto identified = try_scheme(scheme, credentials);
    if (!identified) continue;
    if (!*identified) identified->error().scheme = scheme;
    return std::move(*identified);
  }
  return refused(ErrorCode::not_authenticated, "no scheme found credentials");
}

/// Nothing if the request shows nothing of this scheme.
std::optional<Identified> Authenticate::try_scheme(AuthenticationScheme scheme, const Credentials& credentials) const {
  switch (scheme) {
    case AuthenticationScheme::token:
      if (const auto token = parameter_of(credentials.authorization, "token")) return by_token(*token);
      break;
    case AuthenticationScheme::jwt:
      if (const auto token = parameter_of(credentials.authorization, "bearer")) return by_jwt(*token);
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
  if (const auto problem = problem_of(token)) return refused_in_words(ErrorCode::invalid_token, *problem);
  return active_account(ports_.accounts.find_account_by_token(token), ErrorCode::invalid_token);
}

Identified Authenticate::by_jwt(std::string_view token) const {
  if (const auto problem = problem_of(token)) return refused_in_words(ErrorCode::invalid_token, *problem);
  if (ports_.token_verifier == nullptr) return refused(ErrorCode::internal, "no key to check tokens with");
  auto id = ports_.token_verifier->account_of(token, ports_.clock.now());
  if (!id) return refused(id.error().code, std::move(id.error().log_detail));
  return active_account(ports_.accounts.find_account(*id), ErrorCode::user_inactive);
}

/// Two values could be two proxies' opinions, or a client's beside the proxy's: neither is believed.
Identified Authenticate::by_name(const Credentials::ProxyHeader& header) const {
  const std::string_view id = trimmed(header.value);
  const bool once = header.stands == Credentials::ProxyHeader::Stands::once;
  if (!once || id.size() > max_account_id_bytes || !is_utf8(id)) {
    return refused_in_words(ErrorCode::invalid_token, "Invalid proxy header.");
  }
  return active_account(ports_.accounts.find_account(id), ErrorCode::user_inactive);
}

std::string Authenticate::challenge(const AuthenticationFailure& failure) const {
  std::string challenges;
  for (const AuthenticationScheme scheme : schemes_) {
    challenges.append(challenges.empty() ? "" : ", ").append(challenge_of(scheme, failure));
  }
  return challenges;
}

}  // namespace waxseal::server
