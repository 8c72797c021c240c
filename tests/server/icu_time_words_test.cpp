// Times and durations in the languages of the mails.

#include "adapters/icu/icu_time_words.hpp"

#include "adapters/templates/sentences.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

constexpr UnixTime time_of_a_request = from_unix_s(1795448220);  // 2026-11-23 15:37 UTC

}  // namespace

TEST_CASE("A time is written as its language writes it, in UTC") {
  const IcuTimeWords words;
  const std::pair<const char*, const char*> expected[] = {
      {"en", "23 November 2026 at 15:37 UTC"},    {"de", "23. November 2026 um 15:37 UTC"},
      {"fr", "23 novembre 2026 à 15:37 UTC"},     {"es", "23 de noviembre de 2026, 15:37 UTC"},
      {"pl", "23 listopada 2026 15:37 UTC"},      {"pt-BR", "23 de novembro de 2026 às 15:37 UTC"},
      {"id", "23 November 2026 pukul 15.37 UTC"},
  };
  CHECK(std::size(expected) == mail_languages().size());
  for (const auto& [language, text] : expected) CHECK(words.in_words(time_of_a_request, language) == text);
}

TEST_CASE("A duration is counted as its language counts") {
  const IcuTimeWords words;
  const std::tuple<const char*, seconds, const char*> expected[] = {
      {"en", hours{168}, "7 days"},      {"de", hours{168}, "7 Tage"},        {"fr", hours{168}, "7\u00a0jours"},
      {"es", hours{168}, "7 días"},      {"pl", hours{168}, "7 dni"},         {"pt-BR", hours{168}, "7 dias"},
      {"id", hours{168}, "7 hari"},      {"pl", hours{3}, "3 godziny"},       {"pl", hours{5}, "5 godzin"},
      {"pl", hours{22}, "22 godziny"},   {"fr", hours{12}, "12\u00a0heures"}, {"en", seconds{1}, "1 second"},
      {"de", seconds{120}, "2 Minuten"},
  };
  for (const auto& [language, duration, text] : expected) CHECK(words.in_words(duration, language) == text);
}

TEST_CASE("A duration is told in the largest unit that counts two or more") {
  const IcuTimeWords words;
  const std::pair<int, const char*> periods[] = {{172800, "2 days"},    {172799, "47 hours"}, {7200, "2 hours"},
                                                 {7199, "119 minutes"}, {120, "2 minutes"},   {119, "119 seconds"}};
  for (const auto& [period_s, text] : periods) CHECK(words.in_words(seconds{period_s}, "en") == text);
}

TEST_CASE("A language that nobody knows is written as English") {
  const IcuTimeWords words;
  for (const char* language : {"", "../../etc"}) {
    INFO(language);
    CHECK(words.in_words(time_of_a_request, language).find("2026") != std::string::npos);
    CHECK(words.in_words(hours{168}, language).find('7') == 0);
  }
}
