#include "adapters/jwt/jwt_claims.hpp"

#include <algorithm>
#include <cmath>

#include <waxseal/bytes.hpp>
#include <waxseal/email_address.hpp>

#include "ports/account_store.hpp"
#include "values/strict_json.hpp"

namespace waxseal::server {
namespace {

using nlohmann::json;

tl::unexpected<Error> refused(std::string why) { return fail(ErrorCode::invalid_token, "jwt: " + std::move(why)); }

const char* name_of(JwtAlgorithm algorithm) {
  switch (algorithm) {
    case JwtAlgorithm::hs256: return "HS256";
    case JwtAlgorithm::rs256: return "RS256";
    case JwtAlgorithm::es256: return "ES256";
  }
  return "";
}

/// The member, if it is there and a text.
std::optional<std::string> text_of(const json& object, const std::string& name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

bool is_text(const json& object, const std::string& name, const std::string& expected) {
  return text_of(object, name) == expected;
}

/// RFC 8725 section 3.11: a JWT made for another purpose says so. libjwt takes no other type either, RFC 9068's `at+jwt` included.
bool has_plain_type(const json& header) {
  return !header.contains("typ") || ascii_lower(text_of(header, "typ").value_or("")) == "jwt";
}

/// A NumericDate (RFC 7519 section 2): seconds, maybe with a fraction. Nothing if the claim is not one.
std::optional<double> date_of(const json& claims, const char* name) {
  const auto claim = claims.find(name);
  if (claim == claims.end() || !claim->is_number()) return std::nullopt;
  const double seconds = claim->get<double>();
  return std::isfinite(seconds) ? std::optional{seconds} : std::nullopt;
}

Result<void> check_times(const json& claims, UnixTime now) {
  const double now_s = static_cast<double>(to_unix_s(now));
  const double leeway_s = static_cast<double>(jwt_leeway.count());
  const auto expires = date_of(claims, "exp");
  if (!expires) return refused("exp is missing or no date");
  if (now_s >= *expires + leeway_s) return refused("expired");
  for (const char* name : {"nbf", "iat"}) {
    if (!claims.contains(name)) continue;
    const auto from = date_of(claims, name);
    if (!from) return refused(std::string{name} + " is no date");
    if (*from > now_s + leeway_s) return refused(std::string{name} + " is in the future");
  }
  return {};
}

/// RFC 7519 section 4.1.3: a text, or a list of which one is ours. Whoever is not named must refuse.
bool is_for(const json& claims, const std::string& audience) {
  const auto claim = claims.find("aud");
  if (claim == claims.end()) return audience.empty();
  if (audience.empty()) return false;
  if (!claim->is_array()) return *claim == audience;
  const bool texts = std::all_of(claim->begin(), claim->end(), [](const json& item) { return item.is_string(); });
  return texts && std::find(claim->begin(), claim->end(), audience) != claim->end();
}

Result<std::string> account_of(const json& claims, const std::string& name) {
  const auto claim = claims.find(name);
  if (claim == claims.end()) return refused(name + " is missing");
  if (claim->is_number_integer()) return claim->dump();
  const std::string id = claim->is_string() ? claim->get<std::string>() : "";
  if (id.empty() || id.size() > max_account_id_bytes) return refused(name + " is no account's id");
  return id;
}

}  // namespace

Result<json> read_jwt_part(std::string_view base64url) {
  const auto bytes = decode_base64url(base64url);
  if (!bytes) return refused("a part is no base64url");
  StrictJson read = parse_strictly({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
  if (!read.value.is_object()) return refused("a part is no JSON object");
  if (read.repeats) return refused("a member stands twice");
  return std::move(read.value);
}

Result<void> check_jwt_header(const json& header, const JwtSettings& settings) {
  // The token does not choose how it is checked: a public key must never be taken for an HMAC secret.
  if (!is_text(header, "alg", name_of(settings.algorithm))) return refused("alg is another one");
  if (header.contains("crit")) return refused("crit names extensions that are not understood");
  if (!has_plain_type(header)) return refused("typ is another one");
  if (!settings.key_id.empty() && !is_text(header, "kid", settings.key_id)) return refused("kid is another one");
  return {};
}

Result<std::string> check_jwt_claims(const json& claims, const JwtSettings& settings, UnixTime now) {
  if (const auto times = check_times(claims, now); !times) return tl::make_unexpected(times.error());
  if (!settings.issuer.empty() && !is_text(claims, "iss", settings.issuer)) return refused("iss is another one");
  if (!is_for(claims, settings.audience)) return refused("aud is another one");
  if (claims.contains("token_type") && !is_text(claims, "token_type", "access")) return refused("no access token");
  return account_of(claims, settings.account_claim);
}

}  // namespace waxseal::server
