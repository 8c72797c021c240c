// What a person reads of an HTML mail when the text is made from it.

#include "adapters/html/libxml2_text.hpp"

#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;

namespace {

std::string text_of(std::string_view html) { return Libxml2Text{}.convert(html).value(); }

std::string nested(int levels) {
  std::string html;
  for (int level = 0; level < levels; ++level) html += "<div>";
  html += "word";
  for (int level = 0; level < levels; ++level) html += "</div>";
  return html;
}

}  // namespace

TEST_CASE("Paragraphs are apart by an empty line and blocks by a line break") {
  CHECK(text_of("<p>One.</p><p>Two.</p>") == "One.\n\nTwo.\n");
  CHECK(text_of("<h1>Title</h1>\n<p>Text</p>") == "Title\n\nText\n");
  CHECK(text_of("<div>One</div><div>Two</div>") == "One\nTwo\n");
  CHECK(text_of("<p>One<br>Two<br/>Three</p>") == "One\nTwo\nThree\n");
  CHECK(text_of("<div><div><p>One</p></div></div><div></div><p></p><p>Two</p>") == "One\n\nTwo\n");
  CHECK(text_of("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>") == "a b\nc\n");
}

TEST_CASE("White space is one space between words and none at an end") {
  CHECK(text_of("<p>  One \n\t two <b>three</b>four  </p>") == "One two threefour\n");
  CHECK(text_of("One<span> two</span>") == "One two\n");
}

TEST_CASE("A link's address stands alone on the line after its words") {
  CHECK(text_of(R"(<p>Press <a href="https://h/?a=1&amp;b=2">this</a> now.</p>)") ==
        "Press this\nhttps://h/?a=1&b=2\nnow.\n");
  CHECK(text_of(R"(<a href="https://h/"><img src="x" alt="A button"></a>)") == "A button\nhttps://h/\n");
  CHECK(text_of(R"(<a href="https://h/"></a>)") == "https://h/\n");
}

TEST_CASE("A link whose words are its address is written once") {
  CHECK(text_of(R"(<p>Open <a href="https://h/x">https://h/x</a></p>)") == "Open https://h/x\n");
}

TEST_CASE("What leads nowhere from a mail is words only") {
  CHECK(text_of("<a href=\"#top\">up</a> <a name=x>anchor</a> <a href=\"/here\">here</a>") == "up anchor here\n");
}

TEST_CASE("Items have a dash, in lists of lists, too") {
  CHECK(text_of("<ul><li>One</li><li>Two<ul><li>Three</li></ul></li></ul><p>End</p>") ==
        "- One\n- Two\n- Three\n\nEnd\n");
}

TEST_CASE("Entities and UTF-8 become the characters that they stand for") {
  CHECK(text_of("<p>&lt;b&gt; &amp;amp; &eacute; &#x20AC; Zo\xc3\xab</p>") ==
        "<b> &amp; \xc3\xa9 \xe2\x82\xac Zo\xc3\xab\n");
}

TEST_CASE("Styles, scripts, comments and the head are not read") {
  CHECK(text_of("<html><head><title>T</title><style>p{}</style></head><body><script>alert(1)</script>"
                "<!-- hidden --><p>Seen</p><template><p>x</p></template></body></html>") == "Seen\n");
}

TEST_CASE("Tags that are left open or closed twice do no harm") {
  CHECK(text_of("<p>One<p>Two</b></i></p></div>") == "One\n\nTwo\n");
  CHECK(text_of("no tag at all") == "no tag at all\n");
  CHECK(text_of("a < b & c").find("a") == 0);
}

TEST_CASE("Where there is no HTML there is no text") {
  CHECK_FALSE(Libxml2Text{}.convert(""));
  CHECK(text_of("<p></p>").empty());
}

TEST_CASE("HTML over 10 MB is refused before it is read") {
  const auto refused = Libxml2Text{}.convert(std::string(10'000'001, 'x'));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().log_detail.find("10 MB") != std::string::npos);
}

TEST_CASE("HTML nested too deep is refused rather than read in part") {
  CHECK(text_of(nested(150)) == "word\n");
  for (const int levels : {250, 256, 300, 100'000}) {
    INFO(levels);
    const auto refused = Libxml2Text{}.convert(nested(levels));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().log_detail == "the HTML is nested deeper than 200 elements");
  }
}
