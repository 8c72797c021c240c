// Where everything is kept: which URLs are taken, and what is said of the others.

#include "config_fixture.hpp"

using namespace waxseal::server;
using namespace waxseal::test;

namespace {

Configuration with_url(const std::string& url) {
  return ConfigFixture{}.read(good_with("storage", "url = \"" + url + "\""));
}

}  // namespace

TEST_CASE("storage is a file or a database server") {
  for (const char* good : {"sqlite:accounts.db", "postgresql://localhost/accounts",
                           "postgres://127.0.0.1:5433/accounts", "postgresql:///accounts?host=/run/postgresql",
                           "postgresql://db-a.example,db-b.example/accounts?target_session_attrs=read-write"}) {
    INFO(good);
    CHECK(lines_of(with_url(good)).find("storage.url") == std::string::npos);
  }
  for (const char* bad : {"", "sqlite:", "mysql://localhost/a", "accounts.db"}) {
    const auto errors = errors_of(with_url(bad), "storage.url");
    REQUIRE(errors.size() == 1);
    CHECK(errors.front().message == "must be sqlite:FILE or postgresql://HOST/DATABASE");
  }
}

TEST_CASE("a remote database that need not show its certificate is refused") {
  for (const char* weak : {"disable", "allow", "prefer", "require"}) {
    const std::string url = std::string{"postgresql://db.example/a?sslmode="} + weak;
    const auto errors = errors_of(with_url(url), "storage.url");
    REQUIRE(errors.size() == 1);
    CHECK(errors.front().message.find("verify-full") != std::string::npos);
    CHECK(errors_of(with_url(std::string{"postgresql://localhost/a?sslmode="} + weak), "storage.url").empty());
  }
  CHECK(errors_of(with_url("postgresql://db.example/a?sslmode=verify-full"), "storage.url").empty());
  CHECK(warnings_of(with_url("postgresql://db.example/a?sslmode=verify-ca"), "storage.url").size() == 1);
}

TEST_CASE("a password in a bad database URL is not printed") {
  const auto configuration = with_url("postgresql://app:s3cret%zz@localhost/a");
  REQUIRE(errors_of(configuration, "storage.url").size() == 1);
  CHECK(lines_of(configuration).find("s3cret") == std::string::npos);
}
