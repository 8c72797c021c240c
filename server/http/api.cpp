#include "http/api.hpp"

#include <nlohmann/json.hpp>

#include "http/accept_language.hpp"
#include "http/body.hpp"
#include "http/error_response.hpp"
#include "http/fields.hpp"
#include "http/openapi.hpp"

namespace waxseal::server {
namespace {

constexpr std::string_view mail_sent = "Register email link email sent";
constexpr std::string_view email_verified = "Email verified successfully";
constexpr std::string_view change_undone = "Email change undone";

/// The four values of a link, or the answer that says what is wrong with them.
tl::expected<Link, HttpResponse> read_link_fields(const HttpRequest& request,
                                                  const std::function<bool(std::string_view)>& is_email) {
  const auto body = read_body(request);
  if (!body) return tl::make_unexpected(body.error());
  FieldReader fields{*body};
  Link link;
  link.user_id = fields.text("user_id");
  link.email = fields.email("email", is_email);
  link.timestamp = fields.integer("timestamp");
  link.signature = fields.text("signature");
  if (!fields.errors().empty()) return tl::make_unexpected(field_error_response(fields.errors()));
  return link;
}

}  // namespace

void Api::add_routes(Router& router) {
  const std::string base = settings_.path_before_routes();
  router.add("POST", base + "/register-email/", [this](const HttpRequest& request) { return register_email(request); });
  router.add("POST", base + "/verify-email/", [this](const HttpRequest& request) { return verify_email(request); });
  router.add("POST", base + "/undo-email/", [this](const HttpRequest& request) { return undo_email(request); });
  router.add("GET", "/.well-known/jwks.json", [this](const HttpRequest&) { return jwks(); });
  router.add("GET", "/healthz", [](const HttpRequest&) { return status_response("ok"); });
  router.add("GET", "/readyz", [this](const HttpRequest&) { return readyz(); });
  router.add("GET", "/openapi.json", [document = openapi_document(settings_)](const HttpRequest&) {
    HttpResponse response;
    response.body = document;
    return response;
  });
}

HttpResponse Api::register_email(const HttpRequest& request) {
  if (!ports_.authenticate.anybody_can()) return error_response({ErrorCode::not_found, "auth.schemes is empty"});
  const auto account = ports_.authenticate.identify(credentials_of(request));
  if (!account) return unauthenticated(account.error());
  const auto body = read_body(request);
  if (!body) return body.error();

  FieldReader fields{*body};
  const auto is_email = [&](std::string_view text) { return rules_.parse(text).has_value(); };
  const std::string text = fields.email("email", is_email);
  if (!fields.errors().empty()) return field_error_response(fields.errors());

  const FieldErrors problems = judge(*account, text, *body);
  if (!problems.empty()) return field_error_response(problems);

  const auto email = rules_.parse(text);
  const auto requested =
      ports_.register_email.request(*account, *email, language_of(request), request.source.client_address);
  if (!requested) return refused_request(requested.error());
  ports_.metrics.link_step(LinkStep::requested);
  return success({Success::Route::register_email, mail_sent, {}});
}

/// What a proxy's header says counts only if the proxy itself is the peer: further hops could be anybody's words.
Credentials Api::credentials_of(const HttpRequest& request) const {
  Credentials credentials;
  credentials.authorization = request.header("authorization");
  if (settings_.proxy_header.empty() || request.source.peer != RequestSource::Peer::trusted_proxy) return credentials;
  if (const auto name = request.header(settings_.proxy_header)) {
    const bool repeated = request.repeated_headers.count(settings_.proxy_header) > 0;
    using Stands = Credentials::ProxyHeader::Stands;
    credentials.named_by_proxy = {*name, repeated ? Stands::repeatedly : Stands::once};
  }
  return credentials;
}

HttpResponse Api::refused_request(const RequestRefusal& refused) const {
  HttpResponse response = refusal(refused);
  if (refused.retry_after) response.set_header("Retry-After", std::to_string(refused.retry_after->count()));
  return response;
}

HttpResponse Api::unauthenticated(const AuthenticationFailure& failure) const {
  HttpResponse response = error_response(failure.code, failure.detail, failure.log_detail);
  if (response.status == 401) response.set_header("WWW-Authenticate", ports_.authenticate.challenge(failure));
  return response;
}

HttpResponse Api::verify_email(const HttpRequest& request) {
  if (!policy_.verification_enabled) return error_response({ErrorCode::not_found, "verification is off"});
  const auto link = read_link_fields(request, [&](std::string_view text) { return rules_.parse(text).has_value(); });
  if (!link) return link.error();
  const auto outcome = ports_.verify_email.verify(*link, request.source.client_address);
  if (!outcome) return refused_link(Purpose::register_email, outcome.error());
  const bool now = *outcome == VerifyOutcome::verified;
  ports_.metrics.link_step(now ? LinkStep::verified : LinkStep::verified_again);
  return success(
      {Success::Route::verify_email, email_verified, now ? "verified" : wire_name(ErrorCode::already_verified)});
}

/// The address of the link is one that an account had, by whatever rules.
HttpResponse Api::undo_email(const HttpRequest& request) {
  const auto link =
      read_link_fields(request, [&](std::string_view text) { return rules_.parse_in_force(text).has_value(); });
  if (!link) return link.error();
  const auto undone = ports_.undo_email.undo(*link, language_of(request), request.source.client_address);
  if (!undone) return refused_link(Purpose::undo_email, undone.error());
  ports_.metrics.link_step(LinkStep::undone);
  return success({Success::Route::undo_email, change_undone, {}});
}

/// Of the mails that a request causes.
std::string Api::language_of(const HttpRequest& request) const {
  return choose_language(request.header("accept-language"), settings_.languages, settings_.default_language);
}

/// What the site's own rules say of a request that is well formed.
FieldErrors Api::judge(const Account& account, const std::string& email, const nlohmann::json& body) const {
  if (ports_.request_validator == nullptr) return {};
  RegisterEmailRequest request{account.id, account.email, email, {}};
  for (const auto& [name, value] : body.items()) {
    if (name != "email" && value.is_string()) request.other_fields.emplace(name, value.get<std::string>());
  }
  return ports_.request_validator->validate(request);
}

/// The answer to a success: the product's own, or the one that the site builds.
HttpResponse Api::success(const Success& success) const {
  const auto code = success.code.empty() ? std::nullopt : std::optional{success.code};
  HttpResponse response = detail_response(success.detail, code);
  if (ports_.response_builder == nullptr) return response;
  SuccessResponse built = ports_.response_builder->build(success);
  if (built.status < 200 || built.status > 299) {
    return error_response({ErrorCode::internal, "the response builder gave status " + std::to_string(built.status)});
  }
  response.status = built.status;
  response.body = std::move(built.json_body);
  return response;
}

/// RFC 8037 and RFC 7517. Public, so that any page may check a link.
HttpResponse Api::jwks() {
  auto keys = nlohmann::ordered_json::array();
  const auto current = ports_.keys.current();
  for (const PublicKey& key : current->ring.public_keys().keys()) {
    keys.push_back({{"kty", "OKP"},
                    {"crv", "Ed25519"},
                    {"alg", "EdDSA"},
                    {"use", "sig"},
                    {"kid", key.kid()},
                    {"x", encode_base64url(key.bytes())}});
  }
  HttpResponse response;
  response.body = nlohmann::ordered_json{{"keys", keys}}.dump();
  response.set_header("Cache-Control", "public, max-age=300");
  response.set_header("Access-Control-Allow-Origin", "*");
  return response;
}

HttpResponse Api::readyz() {
  const auto ready = ports_.accounts.check_ready();
  if (ready) return status_response("ready");
  return error_response({ErrorCode::unavailable, ready.error().log_detail});
}

HttpResponse Api::refused_link(Purpose purpose, const Error& error) const {
  ports_.metrics.link_refused(purpose, error.code);
  return refusal(error);
}

/// DRF's `non_field_errors` spelling of a refusal, where the site asks for it. Failures of ours keep `detail`.
HttpResponse Api::refusal(const Error& error) const {
  const bool refused = status_of(error.code) == 400;
  return refused && !settings_.non_field_errors_key.empty()
             ? listed_error_response(settings_.non_field_errors_key, error)
             : error_response(error);
}

}  // namespace waxseal::server
