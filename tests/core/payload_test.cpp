#include <waxseal/payload.hpp>

#include "support/catch.hpp"

using waxseal::ErrorCode;
using waxseal::Link;
using waxseal::payload_from_json;
using waxseal::payload_to_json;

namespace {

const Link plain_link{"1", "a@b.co", "5", "s"};
const std::string plain_json = R"({"user_id":"1","email":"a@b.co","timestamp":"5","signature":"s"})";

void check_refused(std::string_view json, ErrorCode code) {
  INFO(json.substr(0, 200));
  const auto link = payload_from_json(json);
  REQUIRE_FALSE(link);
  CHECK(wire_name(link.error().code) == wire_name(code));
}

}  // namespace

TEST_CASE("A payload is written in the order of the link without spaces") {
  CHECK(payload_to_json(plain_link) == plain_json);
}

TEST_CASE("A payload is spelled as JSON.stringify spells it") {
  std::string controls;
  for (char c = 1; c < 32; ++c) controls += c;
  CHECK(payload_to_json({"\"\\/<>&'\x7f", "é文🦊\u2028", controls, std::string(1, '\0')}) ==
        R"({"user_id":"\"\\/<>&')"
        "\x7f"
        R"(","email":"é文🦊)"
        "\u2028"
        R"(","timestamp":")"
        R"(\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f)"
        R"(\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f)"
        R"(","signature":"\u0000"})");
}

TEST_CASE("Bytes that are not UTF-8 are written as U+FFFD and never end the program") {
  CHECK(payload_to_json({"a\xff"
                         "b",
                         "\xc3", "5", "s"}) ==
        "{\"user_id\":\"a\uFFFD"
        "b\",\"email\":\"\uFFFD\",\"timestamp\":\"5\",\"signature\":\"s\"}");
}

TEST_CASE("What a payload holds is read back") {
  const Link hostile{"\"},{\"", "é文🦊\n\t@\\", "-5", "{}[]"};
  CHECK(payload_from_json(payload_to_json(hostile)) == hostile);
}

TEST_CASE("Members of a payload may come in any order beside others") {
  CHECK(payload_from_json(R"( {"signature":"s","x":{"email":[1]},"timestamp":"5","email":"a@b.co","user_id":"1"} )") ==
        plain_link);
}

TEST_CASE("A text that is not one JSON object is a parse error") {
  for (const std::string_view json :
       {"", " ", "null", "1", "\"s\"", "[]", R"([{"user_id":"1"}])", "{", "{}}", "{,}", "{'user_id':'1'}",
        "user_id=1&email=a", "{\"a\":1e999}", "{\"a\":\"\xff\"}", R"({"a":"\ud800"})", R"({"a":NaN})"}) {
    check_refused(json, ErrorCode::parse_error);
  }
  check_refused(plain_json + "x", ErrorCode::parse_error);
  check_refused(plain_json.substr(0, plain_json.size() - 1), ErrorCode::parse_error);
  check_refused("/**/" + plain_json, ErrorCode::parse_error);
}

TEST_CASE("A member given twice is a parse error at any depth and in any spelling") {
  check_refused(R"({"user_id":"1","email":"a@b.co","email":"a@b.co","timestamp":"5","signature":"s"})",
                ErrorCode::parse_error);
  check_refused(R"({"user_id":"1","email":"a@b.co","\u0065mail":"x","timestamp":"5","signature":"s"})",
                ErrorCode::parse_error);
  check_refused(R"({"x":[{"y":1,"y":2}],"user_id":"1","email":"a@b.co","timestamp":"5","signature":"s"})",
                ErrorCode::parse_error);
}

TEST_CASE("The same name in two objects of a payload is no repetition") {
  CHECK(payload_from_json(R"({"x":{"email":1},"user_id":"1","y":[{"a":1},{"a":2}],"email":"a@b.co","timestamp":"5",)"
                          R"("signature":"s"})") == plain_link);
}

TEST_CASE("A value that is missing or empty or no string is an invalid field and named") {
  for (const std::string_view name : waxseal::link_field_names) {
    for (const std::string_view value : {"", "\"\"", "null", "1", "true", "[\"x\"]", "{}"}) {
      std::string json = "{";
      for (const std::string_view other : waxseal::link_field_names) {
        if (other == name && value.empty()) continue;
        json += (json.size() > 1 ? ",\"" : "\"") + std::string{other} + "\":";
        json += other == name ? value : "\"x\"";
      }
      json += "}";
      INFO(json);
      const auto link = payload_from_json(json);
      REQUIRE_FALSE(link);
      CHECK(link.error().code == ErrorCode::invalid_fields);
      CHECK(link.error().log_detail.substr(0, name.size()) == name);
    }
  }
}

TEST_CASE("A payload of 65536 bytes is read and one byte more is a parse error") {
  const std::string longest = plain_json + std::string(65536 - plain_json.size(), ' ');
  CHECK(payload_from_json(longest) == plain_link);
  check_refused(longest + " ", ErrorCode::parse_error);
}

TEST_CASE("A payload nested as deep as its limit allows is refused without harm") {
  check_refused(std::string(65536, '['), ErrorCode::parse_error);
  check_refused(std::string(32768, '[') + std::string(32768, ']'), ErrorCode::parse_error);
  const std::string nested = std::string(32000, '[') + std::string(32000, ']');
  check_refused("{\"x\":" + nested + "}", ErrorCode::invalid_fields);
}
