// Failures of other systems, see SECURITY.md: what requests must not reach. Each test is named after its row there.

#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

constexpr const char* form_type = "Content-Type: application/x-www-form-urlencoded\r\n";

bool redirects(const RawAnswer& answer) {
  return (answer.status >= 300 && answer.status < 400) || answer.has("location") || answer.has("refresh");
}

}  // namespace

TEST_CASE("threat 13: an address given as a list, or twice, or as two in one, is mailed to nobody") {
  HttpFixture site;
  const std::string before = site.state();
  for (const char* body :
       {R"({"email":["a@site.example","b@site.example"]})", R"({"email":["a@site.example"]})",
        R"({"email":{"0":"a@site.example"}})", R"({"email":"a@site.example","email":"b@site.example"})",
        R"({"email":"a@site.example,b@site.example"})", R"({"email":"a@site.example;b@site.example"})",
        R"({"email":"a@site.example b@site.example"})", R"({"email":"a@site.example\nb@site.example"})",
        R"({"email":"<a@site.example>b@site.example"})"}) {
    INFO(body);
    CHECK(post_json(site.port(), register_path, body, signed_in(ada_token)).status == 400);
  }
  for (const char* body : {"email=a%40site.example&email=b%40site.example", "email[]=a%40site.example",
                           "email=a%40site.example%0ab%40site.example"}) {
    INFO(body);
    CHECK(exchange(site.port(), "POST", register_path, form_type + signed_in(ada_token), body).status == 400);
  }
  CHECK(site.state() == before);
}

TEST_CASE("threat 16: nothing that a request says makes the server redirect") {
  HttpFixture site;
  const Link link = site.link_for_ada("new@site.example");
  for (const char* name : {"next", "redirect", "redirect_uri", "redirect_url", "return_to", "url", "continue"}) {
    INFO(name);
    const std::string query = "?" + std::string{name} + "=https://evil.example/";
    const std::string member = R"(,")" + std::string{name} + R"(":"https://evil.example/"})";
    const std::string body = json_of(link);
    const RawAnswer answers[] = {
        post_json(site.port(), verify_path + query, body.substr(0, body.size() - 1) + member),
        post_json(site.port(), register_path + query, R"({"email":"b@site.example")" + member, signed_in(ada_token)),
        exchange(site.port(), "GET", verify_path + query),
        exchange(site.port(), "GET", "/healthz" + query),
        exchange(site.port(), "GET", "/" + query),
    };
    for (const RawAnswer& answer : answers) {
      CHECK_FALSE(redirects(answer));
      CHECK(answer.body.find("evil.example") == std::string::npos);
    }
  }
  for (const char* path :
       {"//evil.example/", "/\\evil.example", "/%2f%2fevil.example", "/healthz/../", "/api/v1/accounts"}) {
    INFO(path);
    CHECK_FALSE(redirects(exchange(site.port(), "GET", path)));
  }
}

TEST_CASE("threat 21: a press signs nobody in") {
  HttpFixture site;
  const RawAnswer pressed = post_json(site.port(), verify_path, json_of(site.link_for_ada("new@site.example")));
  REQUIRE(pressed.status == 200);
  CHECK_FALSE(pressed.has("set-cookie"));
  CHECK_FALSE(pressed.has("authorization"));
  CHECK(json_body(pressed) == nlohmann::json{{"detail", "Email verified successfully"}, {"code", "verified"}});
  CHECK(post_json(site.port(), register_path, R"({"email":"b@site.example"})").status == 401);
}
