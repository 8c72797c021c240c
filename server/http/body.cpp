#include "http/body.hpp"

#include <optional>

#include <waxseal/email_address.hpp>
#include <waxseal/percent_encoding.hpp>

#include "http/error_response.hpp"

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

/// Builds the value and watches for names that stand twice in one object: two readers might pick different ones. An
/// integer beyond 64 bits is kept as a text, digit for digit, for to Python it is an integer like any other.
class StrictReader final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t& spelling) override {
    return spelling.find_first_of(".eE") == string_t::npos ? add(spelling) : add(value);
  }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& name) override {
    repeated = repeated || open_.back()->contains(name);
    key_ = name;
    return true;
  }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string& token, const json::exception& error) override {
    constexpr int number_overflow = 406;
    if (error.id == number_overflow && token.find_first_of(".eE") == std::string::npos) {
      overlong_integer = {position - token.size(), token.size()};
    }
    return false;
  }

  /// Where in the text an integer stands that the library cannot read: no double is as large.
  struct Place {
    std::size_t offset = 0;
    std::size_t size = 0;
  };
  std::optional<Place> overlong_integer;
  json value;
  bool repeated = false;

 private:
  json& place(json&& part) {
    if (open_.empty()) return value = std::move(part);
    json& parent = *open_.back();
    if (parent.is_object()) return parent[key_] = std::move(part);
    parent.push_back(std::move(part));
    return parent.back();
  }
  bool add(json&& part) {
    place(std::move(part));
    return true;
  }
  bool open(json&& part) {
    open_.push_back(&place(std::move(part)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<json*> open_;  ///< From the outermost in. Nothing is added to one while another is open in it.
  std::string key_;
};

ReadBody read_json(const std::string& text) {
  if (text.rfind("\xef\xbb\xbf", 0) == 0) return json_error("Unexpected UTF-8 BOM (decode using utf-8-sig)");
  // An integer that the library cannot read is quoted: as a text it is kept anyway.
  std::string readable = text;
  StrictReader reader;
  while (!json::sax_parse(readable, &reader)) {
    if (!reader.overlong_integer) return json_error("not well-formed JSON in UTF-8");
    const auto [offset, size] = *reader.overlong_integer;
    readable.insert(offset + size, 1, '"').insert(offset, 1, '"');
    reader = {};
  }
  if (reader.repeated) return json_error("a member stands twice");
  json& parsed = reader.value;
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
