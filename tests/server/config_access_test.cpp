// The keys that say who may call, and whom to believe about it.

#include "config_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

TEST_CASE("trusted proxies are addresses and networks of both families") {
  const ConfigFixture fixture;
  const Configuration configuration =
      fixture.read(good_with("server", R"(trusted_proxies = ["10.0.0.1", "192.0.2.0/24", "::1", "2001:db8::/32"])"));
  CHECK(lines_of(configuration).empty());
  REQUIRE(configuration.trusted_proxies.size() == 4);
  CHECK(configuration.trusted_proxies[1].contains(IpAddress::parse("192.0.2.77").value()));
  CHECK(configuration.trusted_proxies[3].contains(IpAddress::parse("2001:db8:1::1").value()));
}

TEST_CASE("a trusted proxy that is no address or network is named with what is allowed") {
  const ConfigFixture fixture;
  const std::string bad =
      GENERATE(as<std::string>{}, "localhost", "10.0.0.1/8", "0.0.0.0/0", "::/0", "10.0.0.0/33", "*", "");
  const auto errors = errors_of(fixture.read(good_with("server", R"(trusted_proxies = ["10.0.0.1", ")" + bad + "\"]")),
                                "server.trusted_proxies");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].message.rfind("\"" + bad + "\" is no address and no network; allowed: \"10.0.0.1\", ", 0) == 0);
}

TEST_CASE("trusted proxies of the environment are separated by commas") {
  const ConfigFixture fixture;
  const Configuration configuration =
      fixture.read(good_configuration, {{"WAXSEAL_SERVER_TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8"}});
  CHECK(lines_of(configuration).empty());
  CHECK(configuration.trusted_proxies.size() == 2);
}

namespace {

std::string with_proxy_scheme(const std::string& auth) {
  return good_configuration + "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n[auth]\n" + auth + "\n";
}

}  // namespace

TEST_CASE("the proxy scheme alone, or with tokens, is a good configuration") {
  const ConfigFixture fixture;
  const std::string schemes =
      GENERATE(as<std::string>{}, R"(["proxy"])", R"(["token", "proxy"])", R"(["proxy", "token"])");
  const Configuration configuration =
      fixture.read(with_proxy_scheme("schemes = " + schemes + "\nproxy_header = \"X-Waxseal-Account\""));
  CHECK(lines_of(configuration).empty());
}

TEST_CASE("the proxy scheme, its header and the trusted proxies go together or not at all") {
  const ConfigFixture fixture;
  const std::string scheme = "schemes = [\"proxy\"]\n", header = "proxy_header = \"X-Waxseal-Account\"\n";
  CHECK(errors_of(fixture.read(with_proxy_scheme(scheme)), "auth.proxy_header").size() == 1);
  CHECK(errors_of(fixture.read(with_proxy_scheme(header)), "auth.proxy_header").size() == 1);
  const auto errors = errors_of(fixture.read(good_with("auth", scheme + header)), "auth.proxy_header");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].message == "needs server.trusted_proxies: anybody could send the header");
}

TEST_CASE(
    "a header that clients or proxies send by themselves cannot name the account; nor can one that proxies drop") {
  const ConfigFixture fixture;
  const std::string name =
      GENERATE(as<std::string>{}, "Authorization", "cookie", "HOST", "X-Forwarded-For", "X-Request-Id", "Content-Type",
               "X_Waxseal_Account", "X-Waxseal Account", "X-Waxseal-Account:", "X-Konto-\u00e9");
  INFO(name);
  const Configuration configuration =
      fixture.read(with_proxy_scheme("schemes = [\"proxy\"]\nproxy_header = \"" + name + "\""));
  CHECK(errors_of(configuration, "auth.proxy_header").size() == 1);
}

TEST_CASE("no scheme stands twice; that there is none is a choice") {
  const ConfigFixture fixture;
  CHECK(fixture.read(good_with("auth", "schemes = []")).problems.empty());
  CHECK(errors_of(fixture.read(good_with("auth", R"(schemes = ["token", "token"])")), "auth.schemes").size() == 1);
}
