#include <waxseal/link.hpp>

#include "support/catch.hpp"

using waxseal::Link;
using waxseal::read_link;
using waxseal::write_link;
using Names = waxseal::FieldNames;

namespace {

const std::string parameters = "user_id=1&email=a%40b.co&timestamp=5&signature=s";
const Link plain_link{"1", "a@b.co", "5", "s"};

/// The names reported missing, or nothing if the text is no link for another reason or is one.
Names missing_in(std::string_view url) {
  const auto link = read_link(url);
  return link ? Names{} : link.error().missing;
}

}  // namespace

TEST_CASE("A link is written with its four values in the promised order") {
  CHECK(write_link("https://frontend-host/verify-email/", plain_link) ==
        "https://frontend-host/verify-email/?user_id=1&email=a%40b.co&timestamp=5&signature=s");
}

TEST_CASE("Everything but letters and digits and -._~ is percent-encoded when a link is written") {
  std::string every_ascii;
  for (char c = 1; c < 127; ++c) every_ascii += c;
  const std::string url = write_link("https://h/", {"1", every_ascii, "5", "s"});
  CHECK(
      url ==
      "https://h/?user_id=1&email=%01%02%03%04%05%06%07%08%09%0A%0B%0C%0D%0E%0F%10%11%12%13%14%15%16%17%18%19%1A%1B%1C"
      "%1D%1E%1F+%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F0123456789%3A%3B%3C%3D%3E%3F%40ABCDEFGHIJKLMNOPQRSTUVWXYZ%5B"
      "%5C%5D%5E_%60abcdefghijklmnopqrstuvwxyz%7B%7C%7D~&timestamp=5&signature=s");
}

TEST_CASE("Characters beyond ASCII are percent-encoded as UTF-8") {
  CHECK(write_link("https://h/", {"é", "文@🦊", "5", "s"}) ==
        "https://h/?user_id=%C3%A9&email=%E6%96%87%40%F0%9F%A6%8A&timestamp=5&signature=s");
}

TEST_CASE("A verification URL that has a query is continued") {
  CHECK(write_link("https://h/v?lang=de", plain_link) == "https://h/v?lang=de&" + parameters);
}

TEST_CASE("A verification URL that has a fragment gets the values inside the fragment") {
  CHECK(write_link("https://h/#/verify", plain_link) == "https://h/#/verify?" + parameters);
  CHECK(write_link("https://h/?a=1#/verify", plain_link) == "https://h/?a=1#/verify?" + parameters);
  CHECK(write_link("https://h/#/verify?lang=de", plain_link) == "https://h/#/verify?lang=de&" + parameters);
}

TEST_CASE("What is written is read back whatever the verification URL looks like") {
  const Link hostile{"a&b=c#d?e", "ü+ x%41&signature=no@h", "-5", "%%zz//"};
  for (const std::string_view base :
       {"https://h/", "https://h", "https://h/v?lang=de", "https://h/#/v", "https://h/#", "https://h/?a=1#/v",
        "https://h/#/v?b=2", "http://127.0.0.1:8080/verify-email/"}) {
    INFO(base);
    const auto read = read_link(write_link(base, hostile));
    REQUIRE(read);
    CHECK(*read == hostile);
  }
}

TEST_CASE("A link is read from a query and from a fragment and from a bare query") {
  for (const std::string& url :
       {"https://h/?" + parameters, "https://h/v?" + parameters + "#top", "https://h/#" + parameters,
        "https://h/#/v?" + parameters, "#" + parameters, "?" + parameters, parameters}) {
    INFO(url);
    const auto link = read_link(url);
    REQUIRE(link);
    CHECK(*link == plain_link);
  }
}

TEST_CASE("The values of a link may come in any order and share out over query and fragment") {
  CHECK(read_link("https://h/?signature=s&timestamp=5#email=a%40b.co&user_id=1") == plain_link);
}

TEST_CASE("A plus in a link is a space and an escaped plus is a plus") {
  const auto link = read_link("?user_id=a+b&email=a%2Bb%20c&timestamp=5&signature=s");
  REQUIRE(link);
  CHECK(link->user_id == "a b");
  CHECK(link->email == "a+b c");
}

TEST_CASE("A percent sign that is no escape stands for itself") {
  const auto link = read_link("?user_id=100%&email=%zz%4&timestamp=%%35&signature=%4g%C3%A9%c3%a9");
  REQUIRE(link);
  CHECK(link->user_id == "100%");
  CHECK(link->email == "%zz%4");
  CHECK(link->timestamp == "%5");
  CHECK(link->signature == "%4géé");
}

TEST_CASE("A link is not read beyond the end of its text") {
  const std::string_view buffer = "?user_id=1&email=a&timestamp=5&signature=%41";
  const auto link = read_link(buffer.substr(0, buffer.size() - 1));
  REQUIRE(link);
  CHECK(link->signature == "%4");
}

TEST_CASE("Values are neither trimmed nor folded") {
  const auto link = read_link("?user_id=+1+&email=ADA@Example.COM%0A&timestamp=05&signature=a=b=");
  REQUIRE(link);
  CHECK(link->user_id == " 1 ");
  CHECK(link->email == "ADA@Example.COM\n");
  CHECK(link->timestamp == "05");
  CHECK(link->signature == "a=b=");
}

TEST_CASE("Unknown names in a link are ignored even twice and even when they are not UTF-8") {
  CHECK(read_link("https://h/?utm_source=mail&utm_source=x&" + parameters + "&fbclid=%FF&&=&User_id=2") == plain_link);
}

TEST_CASE("The names of values may be percent-encoded") {
  CHECK(read_link("?user%5Fid=1&%65mail=a%40b.co&timestamp=5&signature=s") == plain_link);
}

TEST_CASE("A known name given twice is malformed even with the same value") {
  for (const std::string& url :
       {"?" + parameters + "&email=a%40b.co", "?" + parameters + "&email=", "https://h/?email=x&" + parameters,
        "?" + parameters + "&user%5Fid=1", "https://h/?" + parameters + "#signature=s"}) {
    INFO(url);
    const auto link = read_link(url);
    REQUIRE_FALSE(link);
    CHECK(link.error().missing.empty());
    CHECK(link.error().log_detail.find("twice") != std::string::npos);
  }
}

TEST_CASE("A known value that is not UTF-8 is malformed") {
  for (const std::string_view value : {"%FF", "%C3", "%ED%A0%80", "%C0%AF", "a%80b", "\xff"}) {
    INFO(value);
    const auto link = read_link("?user_id=1&email=" + std::string{value} + "&timestamp=5&signature=s");
    REQUIRE_FALSE(link);
    CHECK(link.error().log_detail == "email is not UTF-8");
  }
}

TEST_CASE("Absent and empty values are named in the order of the link") {
  CHECK(missing_in("https://h/?signature=s&timestamp=5") == Names{"user_id", "email"});
  CHECK(missing_in("?user_id=1&email=&timestamp=5&signature") == Names{"email", "signature"});
  CHECK(missing_in("https://h/verify") == Names{"user_id", "email", "timestamp", "signature"});
  CHECK(missing_in("") == Names{"user_id", "email", "timestamp", "signature"});
}

TEST_CASE("A link that a mail program cut off lacks its last values") {
  const std::string url = "https://h/?" + parameters;
  CHECK(missing_in(url.substr(0, url.find("&timestamp"))) == Names{"timestamp", "signature"});
  CHECK(missing_in(url.substr(0, url.find("s", url.find("signature=")) + 10)) == Names{"signature"});
}

TEST_CASE("A link of 4096 bytes is read and one byte more is malformed") {
  const std::string start = "https://h/?" + parameters + "&pad=";
  const std::string longest = start + std::string(waxseal::max_link_bytes - start.size(), 'x');
  CHECK(read_link(longest) == plain_link);
  const auto too_long = read_link(longest + "x");
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().missing.empty());
}

TEST_CASE("What is said of a malformed link holds none of its values") {
  for (const std::string_view url : {"?email=secret%FF", "?email=secret&email=secret", "?signature=secret"}) {
    const auto link = read_link(url);
    REQUIRE_FALSE(link);
    CHECK(link.error().log_detail.find("secret") == std::string::npos);
  }
}
