// Which language a mail is written in, by the request's Accept-Language.

#include "http/accept_language.hpp"

#include "adapters/templates/sentences.hpp"
#include "support/catch.hpp"

using namespace waxseal::server;

namespace {

std::string choose(std::string_view header) { return choose_language(header, mail_languages(), "en"); }

}  // namespace

TEST_CASE("Without a header, and where nothing fits, it is the fallback") {
  CHECK(choose_language(std::nullopt, mail_languages(), "fr") == "fr");
  for (const char* header : {"", "*", "zh", "zh-Hant-TW, ja;q=0.8", "q=1", ";;", ",,,", "de;q=0", "de;q=0, *;q=0.5"}) {
    INFO(header);
    CHECK(choose_language(header, mail_languages(), "fr") == "fr");
  }
}

TEST_CASE("What browsers send is understood") {
  CHECK(choose("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7") == "de");
  CHECK(choose("pt-BR,pt;q=0.9,en;q=0.8") == "pt-BR");
  CHECK(choose("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5") == "fr");
  CHECK(choose("id") == "id");
}

TEST_CASE("Of several the one with the greatest q wins, and of equals the first") {
  CHECK(choose("de;q=0.2, fr;q=0.3") == "fr");
  CHECK(choose("fr;q=0.3, de;q=0.25") == "fr");
  CHECK(choose("es, pl") == "es");
  CHECK(choose("pl;q=0.5, es;q=0.5") == "pl");
  CHECK(choose("en;q=0.1, de;q=0.001") == "en");
  CHECK(choose("de;q=1.000, fr;q=0.999") == "de");
}

TEST_CASE("A range is shortened from its end until one fits") {
  CHECK(choose("de-CH-1996") == "de");
  CHECK(choose("es-419") == "es");
  CHECK(choose("de-x-private") == "de");
  CHECK(choose("pl-Latn-PL-u-ca-gregory") == "pl");
}

TEST_CASE("The language alone, or one of another country, fits the one of ours that has a country") {
  CHECK(choose("pt") == "pt-BR");
  CHECK(choose("pt-PT, fr;q=0.9") == "pt-BR");
}

TEST_CASE("Case does not matter, and the answer is spelled as ours is") {
  CHECK(choose("PT-br") == "pt-BR");
  CHECK(choose("DE;Q=0.5") == "de");
}

TEST_CASE("A language whose q is 0 is not taken, whatever stands beside it") {
  CHECK(choose("de;q=0, fr;q=0.1") == "fr");
  CHECK(choose("de;q=0.000,pl") == "pl");
}

TEST_CASE("Items that are none are passed over") {
  for (const char* header : {"de;q=2, fr", "de;q=-1, fr", "de;q=0.1234, fr", "de;q=1.001, fr", "de;q=, fr",
                             "de;level=1, fr", "d\xc3\xa9, fr", "de_DE, fr", "de;q=0.x, fr", "de fr, fr"}) {
    INFO(header);
    CHECK(choose(header) == "fr");
  }
}

TEST_CASE("A header that is too long is not read") {
  const std::string longest = "de" + std::string(max_accept_language_bytes - 2, ' ');
  CHECK(choose(longest) == "de");
  CHECK(choose(longest + " ") == "en");
}

TEST_CASE("A name that only begins like one of ours is another language") {
  CHECK(choose("den") == "en");
  CHECK(choose("d") == "en");
}
