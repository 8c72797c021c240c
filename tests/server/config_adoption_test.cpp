// The keys that adopt existing tables: which go together.

#include "config_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

std::string adopting(const std::string& users, const std::string& auth) {
  return good_configuration + "[users]\n" + users + "\n[auth]\n" + auth + "\n";
}

const std::string django_users = "table = \"auth_user\"";
const std::string django_tokens = "token_table = \"authtoken_token\"";

}  // namespace

TEST_CASE("adopted tables are a good configuration, with a word about other writers") {
  const ConfigFixture fixture;
  const Configuration configuration = fixture.read(adopting(django_users, django_tokens));
  CHECK_FALSE(configuration.has_errors());
  REQUIRE(configuration.problems.size() == 1);
  CHECK(configuration.problems[0].key == "users.email_unique");
  CHECK(configuration.problems[0].message.find("another writer of auth_user") != std::string::npos);
  CHECK(fixture.read(adopting(django_users + "\nemail_unique = false", django_tokens)).problems.empty());
}

TEST_CASE("accounts are adopted with their tokens, unless nobody signs in by token") {
  const ConfigFixture fixture;
  const std::string by_proxy = "schemes = [\"proxy\"]\nproxy_header = \"X-Account\"\n";
  const std::string proxies = "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n";
  CHECK_FALSE(fixture.read(adopting(django_users, by_proxy) + proxies).has_errors());
  CHECK(
      errors_of(fixture.read(adopting(django_users, by_proxy + django_tokens) + proxies), "auth.token_table").size() ==
      1);
  CHECK(errors_of(fixture.read(adopting(django_users, "")), "auth.token_table").size() == 1);
  CHECK(errors_of(fixture.read(adopting("", django_tokens)), "users.table").size() == 1);
}

TEST_CASE("an adopted table needs an id and an address, in columns of their own") {
  const ConfigFixture fixture;
  const auto [line, key] = GENERATE(table<std::string, std::string>({
      {"id_column = \"\"", "users.id_column"},
      {"email_column = \"\"", "users.email_column"},
      {"email_column = \"id\"", "users.email_column"},
      {"email_column = \"IS_ACTIVE\"", "users.email_column"},
      {"email_column = \"password\"\ncredential_column = \"password\"", "users.email_column"},
  }));
  INFO(line);
  CHECK(errors_of(fixture.read(adopting(django_users + "\n" + line, django_tokens)), key).size() == 1);
  CHECK_FALSE(fixture.read(adopting(django_users + "\nactive_column = \"\"", django_tokens)).has_errors());
}
