#include "http/body.hpp"

#include <waxseal/email_address.hpp>
#include <waxseal/percent_encoding.hpp>

#include "http/error_response.hpp"
#include "values/strict_json.hpp"

namespace waxseal::server {
namespace {

using nlohmann::json;
using ReadBody = tl::expected<json, HttpResponse>;

tl::unexpected<HttpResponse> json_error(std::string_view why) {
  return tl::make_unexpected(error_response(ErrorCode::parse_error, "JSON parse error - " + std::string{why}));
}

tl::unexpected<HttpResponse> form_error(std::string_view why) {
  return tl::make_unexpected(error_response(ErrorCode::parse_error, "Form parse error - " + std::string{why}));
}

tl::unexpected<HttpResponse> not_an_object(std::string text) {
  return tl::make_unexpected(field_error_response({{"non_field_errors", {std::move(text)}}}));
}

/// The names that Python's type() would print, as DRF does.
const char* python_type(const json& value) {
  if (value.is_array()) return "list";
  if (value.is_string()) return "str";
  if (value.is_boolean()) return "bool";
  return value.is_number_float() ? "float" : "int";
}

ReadBody read_json(const std::string& text) {
  if (text.rfind("\xef\xbb\xbf", 0) == 0) return json_error("Unexpected UTF-8 BOM (decode using utf-8-sig)");
  auto [parsed, repeats] = parse_strictly(text);
  if (parsed.is_discarded()) return json_error("not well-formed JSON in UTF-8");
  if (repeats) return json_error("a member stands twice");
  if (parsed.is_null()) return not_an_object("No data provided");
  if (!parsed.is_object()) {
    return not_an_object("Invalid data. Expected a dictionary, but got " + std::string{python_type(parsed)} + ".");
  }
  return std::move(parsed);
}

ReadBody object_of_fields(const std::vector<std::pair<std::string, std::string>>& fields) {
  json object = json::object();
  for (const auto& [name, value] : fields) {
    if (!is_utf8(name) || !is_utf8(value)) return form_error("not UTF-8");
    if (object.contains(name)) return form_error("a field stands twice");
    object[name] = value;
  }
  return object;
}

/// application/x-www-form-urlencoded (WHATWG URL section 5.1).
ReadBody read_urlencoded(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> fields;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    fields.emplace_back(percent_decode(pair.substr(0, equals), SpaceAs::plus), percent_decode(value, SpaceAs::plus));
  }
  return object_of_fields(fields);
}

/// "application/json" of "application/json; charset=utf-8".
std::string media_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return ascii_lower(type);
}

}  // namespace

ReadBody read_body(const HttpRequest& request) {
  if (request.body_too_large)
    return tl::make_unexpected(error_response({ErrorCode::payload_too_large, "body too large"}));
  if (request.body_incomplete) return tl::make_unexpected(error_response({ErrorCode::parse_error, "body incomplete"}));
  const std::string_view content_type = request.header("content-type").value_or("");
  const std::string type = media_type(content_type);
  if (request.multipart) return object_of_fields(*request.multipart);
  if (request.body.empty() && (type.empty() || type == "application/json")) return json::object();
  if (type == "application/json") return read_json(request.body);
  if (type == "application/x-www-form-urlencoded") return read_urlencoded(request.body);
  return tl::make_unexpected(error_response(
      ErrorCode::unsupported_media_type, "Unsupported media type \"" + std::string{content_type} + "\" in request."));
}

}  // namespace waxseal::server
