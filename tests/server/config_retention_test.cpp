// How long records are kept, against how long links hold.

#include "config_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

TEST_CASE("a retention shorter than a link holds is an error that names both keys and where the one stands") {
  const ConfigFixture fixture;
  const auto [period, days] = GENERATE(table<std::string, int>({{"verification_period", 20}, {"undo_period", 31}}));
  const Configuration configuration =
      fixture.read(good_with("register_email", period + " = \"" + std::to_string(days) + "d\"") +
                   "[storage]\nretention = \"" + std::to_string(days - 1) + "d\"\n");
  INFO(lines_of(configuration));
  const auto errors = errors_of(configuration, "storage.retention");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].message.find("register_email." + period + " (" + std::to_string(days) + "d)") != std::string::npos);
  CHECK_FALSE(errors[0].where.empty());
}

TEST_CASE("a retention as long as links hold is accepted, and has an effect") {
  const ConfigFixture fixture;
  CHECK(lines_of(fixture.read(good_configuration + "[storage]\nretention = \"7d\"\n")).empty());
}
