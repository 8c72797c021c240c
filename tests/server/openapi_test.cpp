// The description of the API against the API: the same routes, the same codes with the same status.

#include "http/openapi.hpp"

#include <set>

#include "http/error_response.hpp"
#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using nlohmann::json;

namespace {

using Routes = std::set<std::pair<std::string, std::string>>;

ApiSettings settings() {
  ApiSettings settings;
  settings.base_path = "/api/v1/accounts";
  settings.schemes = {AuthenticationScheme::token};
  return settings;
}

json document(const ApiSettings& of = settings()) { return json::parse(openapi_document(of)); }

Routes described_routes(const json& document) {
  Routes routes;
  for (const auto& [path, item] : document["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(c - 'a' + 'A');
      routes.emplace(upper, path);
    }
  }
  return routes;
}

/// What the response of an operation is, be it shared or its own.
const json& resolved(const json& document, const json& response) {
  return response.contains("$ref") ? document.at(json::json_pointer{response["$ref"].get<std::string>().substr(1)})
                                   : response;
}

/// Every code that some operation may answer, with the status under which it stands.
std::set<std::pair<std::string, int>> described_codes(const json& document) {
  std::set<std::pair<std::string, int>> codes;
  for (const auto& [path, item] : document["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      for (const auto& [status, response] : operation["responses"].items()) {
        const json& headers = resolved(document, response)["headers"];
        if (!headers.contains("Waxseal-Code")) continue;
        for (const json& code : headers["Waxseal-Code"]["schema"]["enum"]) codes.emplace(code, std::stoi(status));
      }
    }
  }
  return codes;
}

}  // namespace

TEST_CASE("the description has the routes of the router, and no others") {
  HttpFixture site;
  const auto routes = site.api().router().routes();
  CHECK(described_routes(document()) == Routes{routes.begin(), routes.end()});
}

TEST_CASE("the description has every code that the server can send, under its status, and no others") {
  std::set<std::pair<std::string, int>> sent{{"verified", 200}};
  for (const ErrorCode code : all_error_codes) {
    const bool is_the_pages = code == ErrorCode::link_malformed || code == ErrorCode::link_expired ||
                              code == ErrorCode::link_altered || code == ErrorCode::network;
    if (!is_the_pages) sent.emplace(wire_name(code), status_of(code));
  }
  CHECK(described_codes(document()) == sent);
}

TEST_CASE("the codes of a body are those of the header") {
  const json described = document();
  for (const auto& [path, item] : described["paths"].items()) {
    for (const auto& [method, operation] : item.items()) {
      for (const auto& [status, response] : operation["responses"].items()) {
        INFO(path << " " << status);
        const json& whole = resolved(described, response);
        const json header = whole["headers"].value(json::json_pointer{"/Waxseal-Code/schema/enum"}, json{});
        const json& schema = whole["content"]["application/json"]["schema"];
        const json& refusal = schema.contains("anyOf") ? schema["anyOf"][0] : schema;
        const json& values = refusal.contains("allOf") ? refusal["allOf"][1] : refusal;
        CHECK(values.value(json::json_pointer{"/properties/code/enum"}, json{}) == header);
      }
    }
  }
}

TEST_CASE("the description follows the configuration: base path, schemes, the proxy's header") {
  ApiSettings configured = settings();
  configured.base_path = GENERATE("/", "/accounts");
  configured.schemes = {AuthenticationScheme::proxy, AuthenticationScheme::jwt};
  configured.proxy_header = "x-user";
  const json described = document(configured);
  const std::string base = configured.base_path == "/" ? "" : configured.base_path;
  const json security = json::parse(R"([{"proxy": []}, {"jwt": []}])");
  CHECK(described["paths"][base + "/register-email/"]["post"]["security"] == security);
  CHECK(described["paths"][base + "/verify-email/"]["post"]["security"] == json::array());
  CHECK(described["components"]["securitySchemes"].size() == 2);
  CHECK(described["components"]["securitySchemes"]["proxy"]["name"] == "x-user");
}

TEST_CASE("the description is served as JSON") {
  HttpFixture site;
  const RawAnswer answer = exchange(site.port(), "GET", "/openapi.json");
  CHECK(answer.status == 200);
  CHECK(answer.header("content-type") == "application/json");
  CHECK(json::parse(answer.body) == document());
}
