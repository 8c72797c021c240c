#include "http/openapi.hpp"

#include <nlohmann/json.hpp>

#include "embedded_openapi.hpp"

namespace waxseal::server {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view base_path_mark = "{base_path}";

const char* name_of(AuthenticationScheme scheme) {
  switch (scheme) {
    case AuthenticationScheme::token: break;
    case AuthenticationScheme::jwt: return "jwt";
    case AuthenticationScheme::proxy: return "proxy";
  }
  return "token";
}

ordered_json with_base_path(const ordered_json& paths, const std::string& base) {
  ordered_json spelled = ordered_json::object();
  for (const auto& [path, item] : paths.items()) {
    const bool marked = path.rfind(base_path_mark, 0) == 0;
    spelled[marked ? base + path.substr(base_path_mark.size()) : path] = item;
  }
  return spelled;
}

}  // namespace

std::string openapi_document(const ApiSettings& settings) {
  ordered_json document = ordered_json::parse(embedded_openapi.front().text);
  ordered_json& described = document["components"]["securitySchemes"];
  ordered_json configured = ordered_json::object();
  ordered_json security = ordered_json::array();
  for (const AuthenticationScheme scheme : settings.schemes) {
    const char* name = name_of(scheme);
    configured[name] = described[name];
    if (scheme == AuthenticationScheme::proxy) configured[name]["name"] = settings.proxy_header;
    security.push_back({{name, ordered_json::array()}});
  }
  described = std::move(configured);
  ordered_json& paths = document["paths"];
  paths[std::string{base_path_mark} + "/register-email/"]["post"]["security"] = std::move(security);
  paths = with_base_path(paths, settings.path_before_routes());
  return document.dump(2);
}

}  // namespace waxseal::server
