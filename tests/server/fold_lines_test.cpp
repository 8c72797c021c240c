#include "adapters/templates/fold_lines.hpp"

#include "support/catch.hpp"

using waxseal::server::with_folded_lines;

TEST_CASE("Lines that are short enough stay as they are, spaces and empty lines too") {
  for (const std::string text : {"", "\n", "a\n\nb\n", "  a   b\n", "no line break at the end"})
    CHECK(with_folded_lines(text) == text);
  CHECK(with_folded_lines(std::string(76, 'x') + "\n") == std::string(76, 'x') + "\n");
}

TEST_CASE("A long line is broken at the last space that fits") {
  const std::string word(30, 'x');
  CHECK(with_folded_lines(word + " " + word + " " + word + "\n") == word + " " + word + "\n" + word + "\n");
}

TEST_CASE("A line with a link stays whole, and so does a long word") {
  const std::string link = "see https://x.example/?" + std::string(80, 'y') + " now";
  CHECK(with_folded_lines(link) == link);
  const std::string word(100, 'x');
  CHECK(with_folded_lines("a " + word + " b") == "a\n" + word + "\nb");
}

TEST_CASE("Characters are counted, not bytes") {
  std::string accents;
  for (int i = 0; i < 76; ++i) accents += "é";
  CHECK(with_folded_lines(accents) == accents);
}
