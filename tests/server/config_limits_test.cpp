// The limits: how they are spelled, and whether they protect what they are for.

#include "config_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

TEST_CASE("a limit is a count and a period") {
  using namespace std::chrono;
  CHECK(parse_rate("5/h") == Rate{5, hours{1}});
  CHECK(parse_rate("1/s") == Rate{1, seconds{1}});
  CHECK(parse_rate("100/d") == Rate{100, hours{24}});
  CHECK(parse_rate("5/10m") == Rate{5, minutes{10}});
  CHECK(parse_rate("1000000/30d") == Rate{1000000, hours{720}});
  for (const char* bad : {"",
                          "5",
                          "/h",
                          "5/",
                          "h/5",
                          "5/h ",
                          " 5/h",
                          "5 / h",
                          "+5/h",
                          "-5/h",
                          "0/h",
                          "1000001/h",
                          "5/0m",
                          "5/31d",
                          "5/hour",
                          "5/H",
                          "5/-1h",
                          "5/h/h",
                          "5.5/h",
                          "99999999999999999999/h",
                          "5/99999999999999999999h"}) {
    INFO(bad);
    CHECK_FALSE(parse_rate(bad));
  }
}

TEST_CASE("every limit may be off, and is refused with what is allowed if it cannot be read") {
  const ConfigFixture fixture;
  const std::string key = GENERATE(as<std::string>{}, "per_user", "per_address", "per_domain", "per_ip", "global");
  CHECK_FALSE(fixture.read(good_with("limits", key + " = \"\"")).has_errors());
  const auto errors = errors_of(fixture.read(good_with("limits", key + " = \"5/fortnight\"")), "limits." + key);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].message.rfind("\"5/fortnight\" is no limit; allowed: a count from 1 to 1000000, a slash, ", 0) == 0);
}

TEST_CASE("a limit that all accounts share, and that one of them could use up, warns") {
  const ConfigFixture fixture;
  const auto warned = [&](const std::string& lines, const char* key) {
    return warnings_of(fixture.read(good_with("limits", lines)), key).size() == 1;
  };
  CHECK(warned("per_user = \"\"", "limits.per_domain"));
  CHECK_FALSE(warned("per_user = \"5/fortnight\"", "limits.per_domain"));
  CHECK(warned("per_user = \"100/h\"", "limits.per_domain"));
  CHECK(warned("per_user = \"5/m\"", "limits.per_domain"));
  CHECK(warned("global = \"5/h\"", "limits.global"));
  CHECK_FALSE(warned("global = \"1000/h\"", "limits.global"));
  CHECK_FALSE(warned("per_user = \"\"\nper_domain = \"\"", "limits.per_domain"));
}
