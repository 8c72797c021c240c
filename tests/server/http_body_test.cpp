// What bodies are taken, and what is said of those that are not. A refused body changes nothing.

#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

constexpr std::size_t limit = server::max_body_bytes;

/// A register-email body of exactly that many bytes.
std::string padded_request(std::size_t size) {
  const std::string start = R"({"email":"new@site.example","padding":")";
  return start + std::string(size - start.size() - 2, 'x') + "\"}";
}

std::string chunked(const std::string& body, std::size_t chunk_size) {
  std::string text;
  for (std::size_t start = 0; start < body.size(); start += chunk_size) {
    const std::string chunk = body.substr(start, chunk_size);
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    text += size + chunk + "\r\n";
  }
  return text + "0\r\n\r\n";
}

std::string multipart(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    body += "--frontier\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  return body + "--frontier--\r\n";
}

constexpr const char* multipart_type = "Content-Type: multipart/form-data; boundary=frontier\r\n";
constexpr const char* form_type = "Content-Type: application/x-www-form-urlencoded\r\n";

RawAnswer post_as_ada(int port, const std::string& type, const std::string& body) {
  return exchange(port, "POST", register_path, type + signed_in(ada_token), body);
}

/// The connection still reads requests where they start: nothing of the last body is taken for one.
void check_usable(RawConnection& connection) {
  connection.send(request_text("GET", "/healthz"));
  const RawAnswer answer = connection.read_answer();
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"status":"ok"})");
}

/// What may be left unread of a refused request is not read as the next one: the connection ends, and says so.
void check_ends(RawConnection& connection, const RawAnswer& answer) {
  CHECK(answer.header("connection") == "close");
  CHECK(connection.is_closed_by_peer());
}

}  // namespace

TEST_CASE("a body of exactly 64 KiB is taken") {
  HttpFixture site;
  CHECK(post_as_ada(site.port(), json_type, padded_request(limit)).status == 200);
}

TEST_CASE("a body of one byte more is refused with 413") {
  HttpFixture site;
  const std::size_t size = GENERATE(limit + 1, 3 * limit);
  RawConnection connection{site.port()};
  connection.send(request_text("POST", register_path, json_type + signed_in(ada_token), padded_request(size)));
  const RawAnswer answer = connection.read_answer();
  check_refused(answer, 413, "payload-too-large");
  check_ends(connection, answer);
  CHECK(site.state().find("mail") == std::string::npos);
}

TEST_CASE("a body that is announced as too long is refused before it is sent") {
  HttpFixture site;
  const std::string length = GENERATE("65537", "999999999", "99999999999999999999999999");
  RawConnection connection{site.port()};
  connection.send(request_text("POST", verify_path,
                               json_type + ("Content-Length: " + length + "\r\n") + "Expect: 100-continue\r\n"));
  const RawAnswer answer = connection.read_answer();
  check_refused(answer, 413, "payload-too-large");
  check_ends(connection, answer);
}

TEST_CASE("a chunked body, short or long, is refused whole") {
  HttpFixture site;
  const std::size_t size = GENERATE(std::size_t{100}, limit + 1, 3 * limit);
  RawConnection connection{site.port()};
  const std::string headers = json_type + signed_in(ada_token) + "Transfer-Encoding: chunked\r\n";
  connection.send(request_text("POST", register_path, headers, chunked(padded_request(size), 5000)));
  const RawAnswer answer = connection.read_answer();
  check_refused(answer, 400, "parse-error");
  check_ends(connection, answer);
  CHECK(site.state().find("mail") == std::string::npos);
}

TEST_CASE("a request that hides in a refused body is never answered") {
  HttpFixture site;
  const std::string hidden =
      request_text("POST", register_path, json_type + signed_in(bob_token), R"({"email":"evil@site.example"})");
  std::string body(limit, 'x');
  body += hidden;
  RawConnection connection{site.port()};
  connection.send(request_text("POST", register_path, json_type + signed_in(ada_token), body));
  const RawAnswer answer = connection.read_answer();
  check_refused(answer, 413, "payload-too-large");
  check_ends(connection, answer);
  CHECK(site.state().find("evil") == std::string::npos);
}

TEST_CASE("a long multipart form is refused with 413, however it is cut into fields") {
  HttpFixture site;
  std::vector<std::pair<std::string, std::string>> fields = {{"email", "new@site.example"}};
  const bool one_field = GENERATE(true, false);
  if (one_field) {
    fields.emplace_back("padding", std::string(limit, 'x'));
  } else {
    for (int i = 0; i < 3000; ++i) fields.emplace_back("f" + std::to_string(i), "x");
  }
  check_refused(post_as_ada(site.port(), multipart_type, multipart(fields)), 413, "payload-too-large");
  CHECK(site.state().find("mail") == std::string::npos);
}

TEST_CASE("a body that ends too early is refused or dropped, and changes nothing") {
  HttpFixture site;
  {
    RawConnection connection{site.port()};
    connection.send(request_text("POST", register_path, json_type + signed_in(ada_token) + "Content-Length: 100\r\n",
                                 R"({"email":"new@site.example"})"));
  }
  site.server().stop_and_wait();
  CHECK(site.state().find("mail") == std::string::npos);
}

TEST_CASE("a refused body does not end the connection when it was read to its end") {
  HttpFixture site;
  RawConnection connection{site.port()};
  connection.send(request_text("POST", register_path, json_type + signed_in(ada_token), "{"));
  check_refused(connection.read_answer(), 400, "parse-error");
  check_usable(connection);
}

TEST_CASE("a POST without Content-Length has no body and is answered at once") {
  HttpFixture site;
  const auto started = std::chrono::steady_clock::now();
  const RawAnswer answer = exchange(site.port(), "POST", verify_path, json_type);
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds{4});  // the time-out of a read is 5 s
  check_refused(answer, 400, "invalid-fields");
  CHECK(json_body(answer).at("signature").at(0) == "This field is required.");
}

TEST_CASE("another content type, or none, is refused with 415") {
  HttpFixture site;
  const std::string type = GENERATE("Content-Type: text/plain\r\n", "Content-Type: application/xml\r\n",
                                    "Content-Type: application/jsonp\r\n", "Content-Type: \r\n", "");
  check_refused(post_as_ada(site.port(), type, R"({"email":"new@site.example"})"), 415, "unsupported-media-type");
  CHECK(site.state().find("mail") == std::string::npos);
}

TEST_CASE("the content type is read without its case and its parameters") {
  HttpFixture site;
  const std::string type =
      GENERATE("Content-Type: Application/JSON\r\n", "Content-Type: application/json;charset=UTF-8\r\n",
               "content-type:application/json\r\n", "Content-Type: application/json ; x=y\r\n");
  CHECK(post_as_ada(site.port(), type, R"({"email":"new@site.example"})").status == 200);
}

TEST_CASE("forms of both kinds are taken") {
  HttpFixture site;
  CHECK(post_as_ada(site.port(), form_type, "email=a%2Bb%40site.example").status == 200);
  CHECK(site.state().find("mail to a+b@site.example") != std::string::npos);
  CHECK(post_as_ada(site.port(), multipart_type, multipart({{"email", "c@site.example"}})).status == 200);
  CHECK(site.state().find("mail to c@site.example") != std::string::npos);
}

TEST_CASE("a verification by either kind of form changes the address") {
  HttpFixture site;
  const Link link = site.link_for_ada("new@site.example");
  const bool urlencoded = GENERATE(true, false);
  const RawAnswer answer =
      urlencoded
          ? exchange(site.port(), "POST", verify_path, form_type,
                     "user_id=1&email=new%40site.example&timestamp=" + link.timestamp + "&signature=" + link.signature)
          : exchange(site.port(), "POST", verify_path, multipart_type,
                     multipart({{"user_id", "1"},
                                {"email", "new@site.example"},
                                {"timestamp", link.timestamp},
                                {"signature", link.signature}}));
  CHECK(answer.status == 200);
  CHECK(answer.header("waxseal-code") == "verified");
  CHECK(site.email_of("1") == "new@site.example");
}

TEST_CASE("bytes that are not UTF-8 are refused in every kind of body") {
  HttpFixture site;
  const auto [type, body] = GENERATE(table<std::string, std::string>({
      {json_type, "{\"email\":\"\xff@site.example\"}"},
      {json_type, "{\"email\":\"\xc0\xaf@site.example\"}"},
      {json_type, "{\"\xed\xa0\x80\":1,\"email\":\"new@site.example\"}"},
      {form_type, "email=%FF%40site.example"},
      {form_type, "email=new%40site.example&%C3=1"},
      {multipart_type, multipart({{"email", "\xe2\x28\xa1@site.example"}})},
  }));
  check_refused(post_as_ada(site.port(), type, body), 400, "parse-error");
  CHECK(site.state().find("mail") == std::string::npos);
}

TEST_CASE("a member or a field that stands twice is refused: two readers might pick different ones") {
  HttpFixture site;
  const auto [type, body] = GENERATE(table<std::string, std::string>({
      {json_type, R"({"email":"a@site.example","email":"b@site.example"})"},
      {json_type, R"({"email":"a@site.example","\u0065mail":"b@site.example"})"},
      {json_type, R"({"email":"a@site.example","other":{"x":1,"x":2}})"},
      {form_type, "email=a%40site.example&email=b%40site.example"},
      {form_type, "email=a%40site.example&%65mail=b%40site.example"},
      {multipart_type, multipart({{"email", "a@site.example"}, {"email", "b@site.example"}})},
  }));
  check_refused(post_as_ada(site.port(), type, body), 400, "parse-error");
  CHECK(site.state().find("mail") == std::string::npos);
}

TEST_CASE("the same name in two different objects is no repetition") {
  HttpFixture site;
  CHECK(post_as_ada(site.port(), json_type, R"({"email":"a@site.example","x":{"email":1},"y":[{"email":2}]})").status ==
        200);
}

TEST_CASE("an integer beyond 64 bits is an integer like any other, and no digit of it is lost") {
  HttpFixture site;
  Link link = site.link_for_ada("new@site.example");
  const auto post_with_timestamp = [&](const std::string& number) {
    return exchange(site.port(), "POST", verify_path, json_type,
                    R"({"user_id":1,"email":"new@site.example","signature":")" + link.signature + R"(","timestamp":)" +
                        number + "}");
  };
  check_refused(post_with_timestamp("1" + std::string(30, '0')), 400, "signature-invalid");
  check_refused(post_with_timestamp("-18446744073709551616"), 400, "signature-invalid");
  check_refused(post_with_timestamp(std::string(1000, '7')), 400, "signature-invalid");
  check_refused(post_with_timestamp(std::string(1000, '7') + ", \"more\": [" + std::string(400, '8') + "]"), 400,
                "signature-invalid");
  check_refused(post_with_timestamp(std::string(1000, '7') + "x"), 400, "parse-error");
  check_refused(post_with_timestamp("1.5e30"), 400, "invalid-fields");
  CHECK(post_with_timestamp(link.timestamp).status == 200);
}

TEST_CASE("JSON that is not well-formed is refused, and says so") {
  HttpFixture site;
  const std::string body =
      GENERATE("{", "nonsense", "{\"email\":}", "{\"email\":\"a@site.example\"} trailing", "\xef\xbb\xbf{}",
               "{'email':'a@site.example'}", "{\"email\":\"a@site.example\",}", "[[[[", "NaN");
  const RawAnswer answer = post_as_ada(site.port(), json_type, body);
  check_refused(answer, 400, "parse-error");
  CHECK(json_body(answer).at("detail").get<std::string>().rfind("JSON parse error", 0) == 0);
}

TEST_CASE("deeply nested JSON does not hurt the server") {
  HttpFixture site;
  const std::string body = std::string(30000, '[') + std::string(30000, ']');
  CHECK(post_as_ada(site.port(), json_type, body).status == 400);
  CHECK(post_as_ada(site.port(), json_type, std::string(60000, '[')).status == 400);
  CHECK(post_as_ada(site.port(), json_type, "{\"email\":" + body + "}").status == 400);
}

TEST_CASE("fields of a wrong type are refused, each by its name") {
  HttpFixture site;
  const std::string value =
      GENERATE("null", "true", "[\"a@site.example\",\"b@site.example\"]", "{\"a\":1}", "\"\"", "17");
  const RawAnswer answer = post_as_ada(site.port(), json_type, "{\"email\":" + value + "}");
  check_refused(answer, 400, "invalid-fields");
  CHECK(json_body(answer).at("email").is_array());
  CHECK(site.state().find("mail") == std::string::npos);
}

TEST_CASE("threat 9: unknown fields change nothing") {
  HttpFixture site;
  const std::string body =
      R"({"email":"new@site.example","user_id":"2","id":"2","verified":true,"active":false,)"
      R"("link_version":9,"signature":"x","next":"https://evil.example/","__proto__":{"active":false}})";
  CHECK(post_as_ada(site.port(), json_type, body).status == 200);
  const std::string state = site.state();
  CHECK(state.find("1 ada@site.example active") != std::string::npos);
  CHECK(state.find("2 bob@site.example active 0 -") != std::string::npos);
  CHECK(state.find("mail to new@site.example\n") != std::string::npos);
}
