#include "values/postgres_url.hpp"

#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;

namespace {

std::string refusal(const std::string& url) {
  const auto parsed = PostgresUrl::parse(url);
  return parsed ? "" : parsed.error().log_detail;
}

}  // namespace

TEST_CASE("A database URL of several hosts tells its place without user and password", "[url]") {
  const auto url = PostgresUrl::parse("postgresql://app:s3cret@db-a,db-b:5433/accounts?target_session_attrs=any");
  REQUIRE(url);
  CHECK(url->place() == "db-a:5432,db-b:5433/accounts");
  CHECK(url->connection_string().find("password='s3cret'") != std::string::npos);
  CHECK(url->connection_string().find("target_session_attrs='any'") != std::string::npos);
}

TEST_CASE("A database URL is given what it does not say: a server that writes, short waits, the server's certificate",
          "[url]") {
  const std::string remote = PostgresUrl::parse("postgres://db.example/accounts").value().connection_string();
  for (const char* wanted : {"target_session_attrs='read-write'", "connect_timeout='3'", "sslmode='verify-full'",
                             "client_encoding='UTF8'", "tcp_user_timeout='10000'"}) {
    CHECK(remote.find(wanted) != std::string::npos);
  }
  for (const char* local : {"postgresql://localhost/a", "postgresql://127.0.0.1/a", "postgresql://[::1]/a",
                            "postgresql:///a?host=/run/postgresql"}) {
    const auto url = PostgresUrl::parse(local);
    REQUIRE(url);
    CHECK(url->tls_mode().empty());
    CHECK(url->connection_string().find("sslmode") == std::string::npos);
  }
}

TEST_CASE("One remote host among local ones must show its certificate", "[url]") {
  CHECK(PostgresUrl::parse("postgresql://localhost,db.example/a").value().tls_mode() == "verify-full");
}

TEST_CASE("A value with quotes and backslashes reaches the driver as it is", "[url]") {
  const auto url = PostgresUrl::parse("postgresql://app:a%27b%5Cc%20d@localhost/x");
  REQUIRE(url);
  CHECK(url->connection_string().find(R"(password='a\'b\\c d')") != std::string::npos);
}

TEST_CASE("What is wrong with a database URL is said without what it holds", "[url]") {
  CHECK(refusal("postgresql://app:s3cret@localhost/") == "it names no database: postgresql://host/DATABASE");
  CHECK(refusal("postgresql://app:s3cret%zz@localhost/a") == "it is not a PostgreSQL URL");
  CHECK(refusal("postgresql://app:s3cret@[::1/a") == "it is not a PostgreSQL URL");
  CHECK(refusal(std::string{"postgresql://localhost/a\0b", 26}) == "it is not a PostgreSQL URL");
  CHECK(refusal("postgresql://localhost/a?pool=3") == "PostgreSQL knows no parameter \"pool\"");
}
