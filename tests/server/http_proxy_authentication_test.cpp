// The account that a proxy in front names in a header, over a real socket: believed of a trusted peer alone.

#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

server::Configuration named_by_proxy(std::vector<std::string> schemes) {
  server::Configuration configuration = site_configuration();
  configuration.settings.auth.schemes = std::move(schemes);
  configuration.settings.auth.proxy_header = "X-Waxseal-Account";
  return configuration;
}

server::HttpServerSettings trusting(const char* network) {
  server::HttpServerSettings settings;
  settings.trusted_proxies = {server::IpNetwork::parse(network).value()};
  return settings;
}

RawAnswer ask(HttpFixture& site, const std::string& headers) {
  return post_json(site.port(), register_path, R"({"email":"new@site.example"})", headers);
}

constexpr const char* names_ada = "X-Waxseal-Account: 1\r\n";

}  // namespace

TEST_CASE("a trusted proxy signs an account in by naming it, whatever case the header is written in") {
  HttpFixture site{trusting("127.0.0.1"), named_by_proxy({"proxy"})};
  const std::string before = site.state();
  CHECK(ask(site, names_ada).status == 200);
  CHECK(site.state() != before);
  CHECK(ask(site, "x-waxseal-ACCOUNT: 1\r\n").status == 200);
}

TEST_CASE("from a peer that is no trusted proxy the header is ignored, even if one is said to be on the way") {
  HttpFixture site{trusting("10.0.0.0/8"), named_by_proxy({"proxy"})};
  const std::string before = site.state();
  for (const char* more :
       {"", "X-Forwarded-For: 10.0.0.1\r\n", "X-Real-IP: 10.0.0.1\r\n", "Forwarded: for=10.0.0.1\r\n"}) {
    INFO(more);
    const RawAnswer answer = ask(site, std::string{names_ada} + more);
    check_refused(answer, 401, "not-authenticated");
    CHECK(answer.header("www-authenticate") == "Proxy");
  }
  CHECK(site.state() == before);
}

TEST_CASE("without the scheme the header of a trusted proxy means nothing") {
  HttpFixture site{trusting("127.0.0.1")};
  check_refused(ask(site, names_ada), 401, "not-authenticated");
}

TEST_CASE("an account named twice, over-long, unknown or inactive is refused and changes nothing") {
  HttpFixture site{trusting("127.0.0.1"), named_by_proxy({"proxy"})};
  site.store().set_active("2", false);
  const std::string before = site.state();
  const auto [headers, code] = GENERATE_COPY(table<std::string, std::string>({
      {"X-Waxseal-Account: 1\r\nX-Waxseal-Account: 1\r\n", "invalid-token"},
      {"X-Waxseal-Account: 1\r\nX-WAXSEAL-ACCOUNT: 2\r\n", "invalid-token"},
      {"X-Waxseal-Account: " + std::string(257, '1') + "\r\n", "invalid-token"},
      {"X-Waxseal-Account: 1, 2\r\n", "user-inactive"},
      {"X-Waxseal-Account: 99\r\n", "user-inactive"},
      {"X-Waxseal-Account: 2\r\n", "user-inactive"},
      {"X-Waxseal-Account:\r\n", "not-authenticated"},
  }));
  INFO(headers);
  check_refused(ask(site, headers), 401, code);
  CHECK(site.state() == before);
}

TEST_CASE("with both schemes the token works behind the proxy, too") {
  HttpFixture site{trusting("127.0.0.1"), named_by_proxy({"token", "proxy"})};
  CHECK(ask(site, signed_in(bob_token)).status == 200);
  CHECK(ask(site, names_ada).status == 200);
  const RawAnswer refused = ask(site, "");
  check_refused(refused, 401, "not-authenticated");
  CHECK(refused.header("www-authenticate") == "Token, Proxy");
}

TEST_CASE("verify-email looks at no header of a proxy") {
  HttpFixture site{trusting("127.0.0.1"), named_by_proxy({"proxy"})};
  const Link link = site.link_for_ada("new@site.example");
  CHECK(post_json(site.port(), verify_path, json_of(link), "X-Waxseal-Account: 2\r\n").status == 200);
  CHECK(site.email_of("1") == "new@site.example");
}
