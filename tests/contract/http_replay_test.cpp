// Every recorded request of Django REST Registration, sent to us: in process through the router, and over a real
// socket, where headers, HEAD and framing are what a client sees. Where we answer otherwise on purpose, the table below
// says how; nothing else may differ.

#include <set>

#include "recorded_backend.hpp"
#include "support/catch.hpp"
#include "support/raw_http.hpp"
#include "support/running_server.hpp"
#include "support/vectors.hpp"

using nlohmann::json;
using namespace waxseal;
using namespace waxseal::test;

namespace {

constexpr std::size_t recorded_rows = 232;

/// What a client is told and what it left behind.
struct Observed {
  int status = 0;
  json body;  ///< Null if there is none.
  std::string allow;
  std::string www_authenticate;
  std::string code_header;
};

/// A recorded answer that we give otherwise. What is not named here must be as recorded.
struct Difference {
  std::string name;
  enum class When { always, unique_only } when;
  const char* reason;
  int status;
  std::string code;          ///< What `Waxseal-Code` says. Empty: any.
  std::vector<json> bodies;  ///< Any of these.
  json emails_after;         ///< Null: as recorded.
  json mail;                 ///< Null: as recorded.
};

const std::vector<Difference>& differences() {
  using When = Difference::When;
  static const json verified = {{"detail", "Email verified successfully"}};
  static const json parse_error = {{"detail", "JSON parse error"}};
  static const json changed = {{"1", "alice.new@example.com"}, {"2", "bob@example.com"}, {"3", "carol@example.com"}};
  static const std::vector<Difference> table = {
      {"verify own current address",
       When::unique_only,
       "a second click is no error",
       200,
       "already-verified",
       {verified},
       {},
       {}},
      {"verify ignores a bad token", When::always, "the route is public", 200, "verified", {verified}, changed, {}},
      {"verify duplicate key", When::always, "a repeated key is refused", 400, "parse-error", {parse_error}, {}, {}},
      {"verify deep nesting",
       When::always,
       "either text",
       400,
       "",
       {parse_error, {{"non_field_errors", {"Invalid data. Expected a dictionary, but got list."}}}},
       {},
       {}},
      {"register long email",
       When::always,
       "RFC 5321 cannot carry it",
       400,
       "invalid-fields",
       {{{"email", {"Enter a valid email address."}}}},
       {},
       json::array()},
  };
  return table;
}

const Difference* difference_of(const json& row) {
  for (const Difference& difference : differences()) {
    const bool applies = difference.when == Difference::When::always || row["settings"]["email_unique"] == true;
    if (difference.name == row["name"] && applies) return &difference;
  }
  return nullptr;
}

/// The reasons of Python's JSON parser are its own: the text need only start alike.
json without_parser_words(json body) {
  constexpr std::string_view start = "JSON parse error";
  if (body.is_object() && body.contains("detail") && body["detail"].get<std::string>().rfind(start, 0) == 0) {
    body["detail"] = start;
  }
  return body;
}

json recorded_body(const json& row) {
  const std::string text = row["response"]["body"].get<std::string>();
  return text.empty() ? json{} : without_parser_words(json::parse(text));
}

/// Our own additions: every refusal has its code in the header, and beside `detail` in the body, too.
void check_code(const Observed& observed) {
  if (observed.status < 400) return;
  CHECK_FALSE(observed.code_header.empty());
  if (observed.body.is_object() && observed.body.contains("detail")) {
    CHECK(observed.body.value("code", "") == observed.code_header);
  }
}

void check_answer(const json& row, const Observed& observed) {
  const Difference* difference = difference_of(row);
  const int status = difference != nullptr ? difference->status : row["response"]["status"].get<int>();
  CHECK(observed.status == status);
  if (difference != nullptr && !difference->code.empty()) CHECK(observed.code_header == difference->code);

  json body = without_parser_words(observed.body);
  if (body.is_object()) body.erase("code");
  const std::vector<json> allowed = difference != nullptr ? difference->bodies : std::vector<json>{recorded_body(row)};
  INFO("answered " << body.dump() << ", allowed " << json(allowed).dump());
  CHECK(std::find(allowed.begin(), allowed.end(), body) != allowed.end());

  if (status == 405) CHECK(observed.allow == row["response"]["allow"].get<std::string>());
  if (status == 401) CHECK(observed.www_authenticate == row["response"]["www_authenticate"].get<std::string>());
}

void check_aftermath(const json& row, RecordedBackend& backend) {
  const Difference* difference = difference_of(row);
  const bool other_emails = difference != nullptr && !difference->emails_after.is_null();
  const bool other_mail = difference != nullptr && !difference->mail.is_null();
  CHECK(backend.deliver_mails() == (other_mail ? difference->mail : row["mail"]));
  CHECK(backend.emails() == (other_emails ? difference->emails_after : row["emails_after"]));
}

Observed ask_in_process(const json& request, RecordedBackend& backend) {
  server::HttpRequest sent;
  sent.method = request["method"].get<std::string>();
  sent.path = request["path"].get<std::string>();
  sent.headers["content-type"] = request["content_type"].get<std::string>();
  if (request["authorization"].is_string()) sent.headers["authorization"] = request["authorization"].get<std::string>();
  sent.body = request["body"].get<std::string>();
  const server::HttpResponse answer = backend.router().handle(sent);

  Observed observed;
  observed.status = answer.status;
  if (sent.method != "HEAD") observed.body = json::parse(answer.body);  // the socket side drops the body of HEAD
  for (const auto& [name, value] : answer.headers) {
    if (name == "Allow") observed.allow = value;
    if (name == "WWW-Authenticate") observed.www_authenticate = value;
    if (name == "Waxseal-Code") observed.code_header = value;
  }
  return observed;
}

Observed ask_over_socket(const json& request, RecordedBackend& backend) {
  RunningServer server{backend.router(), backend.log()};
  const std::string method = request["method"].get<std::string>();
  std::string headers = "Content-Type: " + request["content_type"].get<std::string>() + "\r\n";
  if (request["authorization"].is_string())
    headers += "Authorization: " + request["authorization"].get<std::string>() + "\r\n";
  headers += "Connection: close\r\n";

  RawConnection connection{server.port()};
  connection.send(
      request_text(method, request["path"].get<std::string>(), headers, request["body"].get<std::string>()));
  const RawAnswer answer = connection.read_answer(method);
  CHECK(connection.is_closed_by_peer());  // and so nothing follows an answer to HEAD
  if (!answer.body.empty()) CHECK(answer.header("content-type") == "application/json");
  return {answer.status, answer.body.empty() ? json{} : json::parse(answer.body), answer.header("allow"),
          answer.header("www-authenticate"), answer.header("waxseal-code")};
}

const std::vector<json>& rows() {
  static const std::vector<json> all = read_vectors("http.jsonl");
  return all;
}

std::string title_of(const json& row) {
  const char* uniqueness = row["settings"]["email_unique"] == true ? " (unique addresses)" : " (addresses not unique)";
  return row["name"].get<std::string>() + uniqueness;
}

template <typename Ask>
void replay(Ask&& ask) {
  for (const json& row : rows()) {
    DYNAMIC_SECTION(title_of(row)) {
      RecordedBackend backend{row};
      const Observed observed = ask(row["request"], backend);
      check_answer(row, observed);
      check_code(observed);
      check_aftermath(row, backend);
    }
  }
}

}  // namespace

TEST_CASE("the recorded requests are all here, each under a name of its own, and every difference is of one of them") {
  std::set<std::string> titles;
  std::set<std::string> unused;
  for (const Difference& difference : differences()) unused.insert(difference.name);
  for (const json& row : rows()) {
    titles.insert(title_of(row));
    unused.erase(row["name"].get<std::string>());
  }
  CHECK(rows().size() == recorded_rows);
  CHECK(titles.size() == recorded_rows);
  CHECK(unused.empty());
}

TEST_CASE("recorded requests are answered in process as Django REST Registration answered them") {
  replay(ask_in_process);
}

TEST_CASE("recorded requests are answered over a socket as Django REST Registration answered them") {
  replay(ask_over_socket);
}
