#include "ports/redact.hpp"

#include "support/catch.hpp"

using namespace waxseal::server;

TEST_CASE("Addresses are masked wherever they stand") {
  CHECK(redact("550 5.1.1 <bob@site.example>: no such user") == "550 5.1.1 <b***@s***.example>: no such user");
  CHECK(redact("bob@site.example") == "b***@s***.example");
  CHECK(redact("to=bob+x@site.example, again") == "t***@s***.example, again");
  CHECK(redact("Key (email)=(bob@site.example) already exists") == "Key (email)=(b***@s***.example) already exists");
  CHECK(redact("https://site.example/?user_id=1&email=bob%40site.example&timestamp=1") == "https:***");
}

TEST_CASE("What is as long as a signature or a token is left out, and shorter words stay") {
  const std::string token(40, 'a');
  CHECK(redact("blocked: https://site.example/?signature=" + token + "#x") ==
        "blocked: https://site.example/?signature=***#x");
  CHECK(redact(token + " " + token + "/" + token) == "*** ***/***");
  const std::string identifier(39, 'a');
  CHECK(redact("queued as " + identifier) == "queued as " + identifier);
}

TEST_CASE("A text without secrets stays as it is") {
  const std::string text = "421 4.7.0 try again later,\tplease (see http://relay.example/why); ünïcode";
  CHECK(redact(text) == text);
  CHECK(redact("").empty());
}
