#include "http/error_response.hpp"

#include <nlohmann/json.hpp>

namespace waxseal::server {
namespace {

constexpr const char* code_header = "Waxseal-Code";
constexpr const char* retry_unavailable_after_s = "5";

std::string dump(const nlohmann::ordered_json& body) {
  return body.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
}

HttpResponse json_response(int status, const nlohmann::ordered_json& body, std::string_view code) {
  HttpResponse response;
  response.status = status;
  response.body = dump(body);
  response.set_header(code_header, std::string{code});
  return response;
}

}  // namespace

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::already_verified: return 200;
    case ErrorCode::signature_invalid:
    case ErrorCode::signature_expired:
    case ErrorCode::user_not_found:
    case ErrorCode::email_already_registered:
    case ErrorCode::link_superseded:
    case ErrorCode::link_used:
    case ErrorCode::link_cancelled:
    case ErrorCode::change_undone:
    case ErrorCode::invalid_fields:
    case ErrorCode::parse_error: return 400;
    case ErrorCode::not_authenticated:
    case ErrorCode::invalid_token:
    case ErrorCode::user_inactive: return 401;
    case ErrorCode::not_found: return 404;
    case ErrorCode::method_not_allowed: return 405;
    case ErrorCode::payload_too_large: return 413;
    case ErrorCode::unsupported_media_type: return 415;
    case ErrorCode::rate_limited: return 429;
    case ErrorCode::unavailable: return 503;
    case ErrorCode::internal:
    case ErrorCode::link_malformed:
    case ErrorCode::link_expired:
    case ErrorCode::link_altered:
    case ErrorCode::network: return 500;  // the last four are the page's own: a server that has one has a bug
  }
  return 500;
}

HttpResponse error_response(const Error& error) {
  return error_response(error.code, public_detail(error.code), error.log_detail);
}

HttpResponse error_response(ErrorCode code, std::string_view detail, std::string log_detail) {
  const int status = status_of(code);
  HttpResponse response = json_response(status, {{"detail", detail}, {"code", wire_name(code)}}, wire_name(code));
  response.code = code;
  response.log_detail = std::move(log_detail);
  if (status == 503) response.set_header("Retry-After", retry_unavailable_after_s);
  return response;
}

HttpResponse listed_error_response(const std::string& key, const Error& error) {
  HttpResponse response = error_response(error);
  response.body = dump({{key, nlohmann::ordered_json::array({public_detail(error.code)})}});
  return response;
}

HttpResponse field_error_response(const FieldErrors& errors) {
  nlohmann::ordered_json body;
  std::string names;
  for (const auto& [name, texts] : errors) {
    body[name] = texts;
    names += names.empty() ? name : "," + name;
  }
  HttpResponse response =
      json_response(status_of(ErrorCode::invalid_fields), body, wire_name(ErrorCode::invalid_fields));
  response.code = ErrorCode::invalid_fields;
  response.log_detail = names;
  return response;
}

HttpResponse detail_response(std::string_view detail, std::optional<std::string_view> code) {
  if (code) return json_response(200, {{"detail", detail}, {"code", *code}}, *code);
  HttpResponse response;
  response.body = dump({{"detail", detail}});
  return response;
}

HttpResponse status_response(std::string_view status) {
  HttpResponse response;
  response.body = dump({{"status", status}});
  return response;
}

}  // namespace waxseal::server
