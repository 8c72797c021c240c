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

namespace {

/// A configuration with the scheme jwt and this key in its file.
Configuration with_jwt(const ConfigFixture& fixture, const std::string& algorithm, const std::string& key,
                       const std::string& more = "jwt_issuer = \"https://issuer.example\"") {
  const std::string file = fixture.secret_file("jwt.key", key);
  return fixture.read(good_with(
      "auth", "schemes = [\"jwt\"]\njwt_algorithm = \"" + algorithm + "\"\njwt_key_file = \"" + file + "\"\n" + more));
}

const std::string long_enough(32, 's');
const std::string public_pem = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n";

}  // namespace

TEST_CASE(
    "JWTs with a key of their algorithm are a good configuration; the line break at the end is not of the secret") {
  const ConfigFixture fixture;
  const Configuration configuration = with_jwt(fixture, "HS256", long_enough + "\n");
  CHECK(lines_of(configuration).empty());
  CHECK(configuration.secrets.jwt_key == long_enough);
  CHECK(lines_of(with_jwt(fixture, "RS256", public_pem)).empty());
  CHECK(lines_of(with_jwt(fixture, "ES256", public_pem)).empty());
}

TEST_CASE("the key of JWTs may stand in the environment") {
  const ConfigFixture fixture;
  const Configuration configuration =
      fixture.read(good_with("auth", "schemes = [\"jwt\"]\njwt_algorithm = \"HS256\"\njwt_audience = \"waxseal\""),
                   {{"WAXSEAL_AUTH_JWT_KEY", long_enough}});
  CHECK(lines_of(configuration).empty());
  CHECK(configuration.secrets.jwt_key == long_enough);
}

TEST_CASE("a key that is weak, private, no key at all or of another algorithm is refused and not shown") {
  const ConfigFixture fixture;
  const auto [algorithm, key, words] = GENERATE(table<std::string, std::string, std::string>({
      {"HS256", "", "missing or empty"},
      {"HS256", std::string(31, 's'), "under 32 bytes"},
      {"HS256", std::string(31, 's') + "\n", "under 32 bytes"},
      {"HS256", "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQ\n-----END PUBLIC KEY-----\n", "no secret"},
      {"RS256", std::string(40, 's'), "BEGIN PUBLIC KEY"},
      {"RS256", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n", "private key"},
      {"ES256", "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n", "private key"},
      {"ES256", "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n", "BEGIN PUBLIC KEY"},
  }));
  INFO(algorithm << " " << key);
  const auto errors = errors_of(with_jwt(fixture, algorithm, key), "auth.jwt_key_file");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].message.find(words) != std::string::npos);
  CHECK(errors[0].message.find("MIIE") == std::string::npos);
}

TEST_CASE("the scheme jwt, its key and its algorithm go together or not at all") {
  const ConfigFixture fixture;
  CHECK(errors_of(fixture.read(good_with("auth", R"(schemes = ["jwt"])")), "auth.jwt_algorithm").size() == 1);
  CHECK(
      errors_of(fixture.read(good_with("auth", "schemes = [\"jwt\"]\njwt_algorithm = \"ES256\"")), "auth.jwt_key_file")
          .size() == 1);
  CHECK(
      errors_of(with_jwt(fixture, "HS256", long_enough, "jwt_account_claim = \"\""), "auth.jwt_account_claim").size() ==
      1);
  for (const std::string key :
       {"jwt_algorithm = \"HS256\"", "jwt_issuer = \"x\"", "jwt_audience = \"x\"", "jwt_key_id = \"x\""}) {
    INFO(key);
    const auto errors = errors_of(fixture.read(good_with("auth", key)), "auth." + key.substr(0, key.find(' ')));
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].message == "has no effect: auth.schemes lacks \"jwt\"");
  }
  const std::string file = fixture.secret_file("jwt.key", long_enough);
  CHECK(errors_of(fixture.read(good_with("auth", "jwt_key_file = \"" + file + "\"")), "auth.jwt_key_file").size() == 1);
}

TEST_CASE("JWTs of any issuer for anybody warn") {
  const ConfigFixture fixture;
  CHECK(warnings_of(with_jwt(fixture, "HS256", long_enough, ""), "auth.jwt_audience").size() == 1);
}

TEST_CASE("a secret that everybody may read warns; of a public key only that everybody may write it") {
  const ConfigFixture fixture;
  const auto warned = [&](const std::string& algorithm, const std::string& key, unsigned mode) {
    const std::string lines = "schemes = [\"jwt\"]\njwt_issuer = \"x\"\njwt_algorithm = \"" + algorithm +
                              "\"\njwt_key_file = \"" + fixture.secret_file("jwt.key", key, mode) + "\"";
    return !warnings_of(fixture.read(good_with("auth", lines)), "auth.jwt_key_file").empty();
  };
  CHECK(warned("HS256", long_enough, 0644));
  CHECK_FALSE(warned("HS256", long_enough, 0600));
  CHECK_FALSE(warned("ES256", public_pem, 0644));
  CHECK(warned("ES256", public_pem, 0646));
}
