#include <waxseal/link.hpp>

#include "support/catch.hpp"

using waxseal::Link;
using waxseal::LinkTemplate;
using Names = waxseal::FieldNames;

namespace {

constexpr std::string_view path_template = "https://app.example/#/verify/{user_id}/{email}/{timestamp}/{signature}";
const Link plain_link{"1", "a@b.co", "5", "s"};

LinkTemplate template_of(std::string_view text) {
  auto parsed = LinkTemplate::parse(text);
  REQUIRE(parsed);
  return std::move(*parsed);
}

}  // namespace

TEST_CASE("A template puts each value in its place") {
  CHECK(template_of(path_template).write(plain_link) == "https://app.example/#/verify/1/a%40b.co/5/s");
  CHECK(template_of("http://h/{signature}?e={email}&t={timestamp}#u={user_id}!").write(plain_link) ==
        "http://h/s?e=a%40b.co&t=5#u=1!");
}

TEST_CASE("A template percent-encodes a space as %20 and a plus as %2B") {
  CHECK(template_of(path_template).write({"a b", "c+d/é", "5", "s"}) ==
        "https://app.example/#/verify/a%20b/c%2Bd%2F%C3%A9/5/s");
}

TEST_CASE("What a template writes it reads back") {
  const Link hostile{"a/b&c#d?e", "ü+ x%41{email}@h", "-5", "%%zz//"};
  for (const std::string_view text :
       {path_template, std::string_view{"https://h/?u={user_id}&e={email}&t={timestamp}&s={signature}"},
        std::string_view{"https://h/{email}/{user_id}/{signature}/{timestamp}/done"},
        std::string_view{"https://h/{timestamp}+{signature}/{email}/{user_id}"}}) {
    INFO(text);
    const LinkTemplate link_template = template_of(text);
    const auto read = link_template.read(link_template.write(hostile));
    REQUIRE(read);
    CHECK(*read == hostile);
  }
}

TEST_CASE("In the spelling of a template a plus stands for itself") {
  const auto link = template_of(path_template).read("https://app.example/#/verify/1/a+b@h/5/s");
  REQUIRE(link);
  CHECK(link->email == "a+b@h");
}

TEST_CASE("Tracking parameters may follow the last value of a template") {
  for (const std::string_view tail : {"?utm_source=mail", "&utm_source=mail", "#top", "/", "/?x=1"}) {
    INFO(tail);
    const auto link =
        template_of(path_template).read("https://app.example/#/verify/1/a%40b.co/5/s" + std::string{tail});
    REQUIRE(link);
    CHECK(*link == plain_link);
  }
}

TEST_CASE("Text after the last placeholder must follow the value") {
  const LinkTemplate link_template = template_of("https://h/{user_id}/{email}/{timestamp}/{signature}/done");
  CHECK(link_template.read("https://h/1/a@b.co/5/s/done") == plain_link);
  CHECK(link_template.read("https://h/1/a@b.co/5/s/done?utm_source=x") == plain_link);
  CHECK_FALSE(link_template.read("https://h/1/a@b.co/5/s"));
  CHECK_FALSE(link_template.read("https://h/1/a@b.co/5/s/don"));
}

TEST_CASE("The literal parts of a template match byte for byte") {
  const LinkTemplate link_template = template_of(path_template);
  for (const std::string_view url :
       {"http://app.example/#/verify/1/a@b.co/5/s", "https://APP.example/#/verify/1/a@b.co/5/s",
        "https://app.example/#/Verify/1/a@b.co/5/s", "https://app.example.evil/#/verify/1/a@b.co/5/s",
        " https://app.example/#/verify/1/a@b.co/5/s", ""}) {
    INFO(url);
    const auto link = link_template.read(url);
    REQUIRE_FALSE(link);
    CHECK(link.error().missing == Names{"user_id", "email", "timestamp", "signature"});
  }
}

TEST_CASE("Values that a cut link no longer has are named in the order of links") {
  const LinkTemplate link_template = template_of("https://h/{signature}/{email}/{timestamp}/{user_id}");
  const auto missing = [&](std::string_view url) {
    const auto link = link_template.read(url);
    return link ? Names{} : link.error().missing;
  };
  CHECK(missing("https://h/s/a@b.co/5/") == Names{"user_id"});
  CHECK(missing("https://h/s/a@b.co") == Names{"user_id", "timestamp"});
  CHECK(missing("https://h/s//5/1") == Names{"email"});
  CHECK(missing("https://h/") == Names{"user_id", "email", "timestamp", "signature"});
}

TEST_CASE("A templated value that is not UTF-8 is malformed") {
  const auto link = template_of(path_template).read("https://app.example/#/verify/1/a%FF/5/s");
  REQUIRE_FALSE(link);
  CHECK(link.error().missing.empty());
}

TEST_CASE("A templated link of 4096 bytes is read and one byte more is malformed") {
  const LinkTemplate link_template = template_of(path_template);
  const std::string start = "https://app.example/#/verify/1/a@b.co/5/s?pad=";
  const std::string longest = start + std::string(waxseal::max_link_bytes - start.size(), 'x');
  CHECK(link_template.read(longest) == plain_link);
  const auto too_long = link_template.read(longest + "x");
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().missing.empty());
}

TEST_CASE("A template that cannot spell a link is refused with the reason") {
  struct Refusal {
    std::string_view text, reason;
  };
  const Refusal refusals[] = {
      {"", "must start with http"},
      {"/verify/{user_id}/{email}/{timestamp}/{signature}", "must start with http"},
      {"ftp://h/{user_id}/{email}/{timestamp}/{signature}", "must start with http"},
      {"javascript://h/{user_id}/{email}/{timestamp}/{signature}", "must start with http"},
      {"https:///{user_id}/{email}/{timestamp}/{signature}", "must start with http"},
      {"https://{user_id}/{email}/{timestamp}/{signature}", "must start with http"},
      {"https://h/", "{user_id} is missing"},
      {"https://h/{user_id}/{timestamp}/{signature}", "{email} is missing"},
      {"https://h/{user_id}/{email}/{timestamp}", "{signature} is missing"},
      {"https://h/{user_id}/{email}/{timestamp}/{signature}/{email}", "{email} stands twice"},
      {"https://h/{user_id}{email}/{timestamp}/{signature}", "between two placeholders"},
      {"https://h/{user_id}-{email}/{timestamp}/{signature}", "between two placeholders"},
      {"https://h/{user_id}%2F{email}/{timestamp}/{signature}", "between two placeholders"},
      {"https://h/{user_id}/{email}/{timestamp}/{signature}%", "what follows the last"},
      {"https://h/{user_id}/{email}/{timestamp}/{signature}x-", "what follows the last"},
      {"https://h{user_id}/{email}/{timestamp}/{signature}", "must start with http"},
      {"https://h/{user_id}/{email}/{timestamp}/{signature", "without its }"},
      {"https://h/{user_id}/{email}/{timestamp}/{signature}/{lang}", "{lang} is none of"},
      {"https://h/{USER_ID}/{email}/{timestamp}/{signature}", "{USER_ID} is none of"},
      {"https://h/{}/{user_id}/{email}/{timestamp}/{signature}", "{} is none of"},
      {"https://h/{{user_id}}/{email}/{timestamp}/{signature}", "is none of"},
  };
  for (const auto& [text, reason] : refusals) {
    INFO(text);
    const auto parsed = LinkTemplate::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == waxseal::ErrorCode::link_malformed);
    INFO(parsed.error().log_detail);
    CHECK(parsed.error().log_detail.find(reason) != std::string::npos);
  }
}

TEST_CASE("A template of 4096 bytes is accepted and one byte more is refused") {
  const std::string placeholders = "/{user_id}/{email}/{timestamp}/{signature}";
  const std::string host(waxseal::max_link_bytes - placeholders.size() - 8, 'h');
  CHECK(LinkTemplate::parse("https://" + host + placeholders));
  CHECK_FALSE(LinkTemplate::parse("https://h" + host + placeholders));
}
