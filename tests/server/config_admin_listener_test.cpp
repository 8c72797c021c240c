// server.admin_listen: where it may be, and what is said of where others can reach it.

#include "config_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

TEST_CASE("an admin listener on this machine is accepted") {
  const ConfigFixture fixture;
  const std::string listen = GENERATE("127.0.0.1:9090", "[::1]:9090", "localhost:9090", "127.0.0.1:0");
  CHECK(lines_of(fixture.read(good_with("server", "admin_listen = \"" + listen + "\""))).empty());
}

TEST_CASE("an admin listener that others can reach is doubtful") {
  const ConfigFixture fixture;
  const std::string listen = GENERATE("0.0.0.0:9090", "10.0.0.7:9090", "[::]:9090");
  const Configuration configuration = fixture.read(good_with("server", "admin_listen = \"" + listen + "\""));
  CHECK_FALSE(configuration.has_errors());
  CHECK(warnings_of(configuration, "server.admin_listen").size() == 1);
}

TEST_CASE("an admin listener that is no address, or the public one, is refused") {
  const ConfigFixture fixture;
  const std::string listen = GENERATE("9090", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:8080");
  const Configuration configuration =
      fixture.read(good_with("server", "listen = \"127.0.0.1:8080\"\nadmin_listen = \"" + listen + "\""));
  const auto errors = errors_of(configuration, "server.admin_listen");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].where.find(":") != std::string::npos);
}
