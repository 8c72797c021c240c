// The site's own rules for requests and its own answers to those that succeed.

#include "http_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// Says what the test wants of every request, and keeps the last one.
struct GivenRules final : RequestValidator {
  Problems validate(const RegisterEmailRequest& request) const override {
    last = request;
    ++asked;
    if (throws) throw std::runtime_error{"the rules are out of order"};
    return problems;
  }
  Problems problems;
  bool throws = false;
  mutable RegisterEmailRequest last;
  mutable int asked = 0;
};

struct GivenAnswer final : ResponseBuilder {
  SuccessResponse build(const Success& success) const override {
    if (throws) throw std::runtime_error{"no answer today"};
    seen += std::string{success.route == Success::Route::verify_email ? "verify" : "register"} + "|" +
            std::string{success.detail} + "|" + std::string{success.code} + "\n";
    return answer;
  }
  SuccessResponse answer{202, R"({"next":"mailbox"})"};
  bool throws = false;
  mutable std::string seen;
};

struct OwnRules {
  RawAnswer ask(const std::string& body) { return post_json(site.port(), register_path, body, signed_in(ada_token)); }
  GivenRules rules;
  HttpFixture site{HttpServerSettings{}, site_configuration(), {&rules, nullptr}};
};

struct OwnAnswers {
  RawAnswer press(const Link& link) { return post_json(site.port(), verify_path, json_of(link)); }
  GivenAnswer answers;
  HttpFixture site{HttpServerSettings{}, site_configuration(), {nullptr, &answers}};
};

Configuration with_named_key() {
  Configuration configuration = site_configuration();
  configuration.settings.http.non_field_errors_key = "non_field_errors";
  return configuration;
}

}  // namespace

TEST_CASE_METHOD(OwnRules, "a request validator is shown who asks for what, and the body's other texts") {
  const RawAnswer answer =
      ask(R"({"email":" New@site.example ","reason":"moved","user_id":"2","age":7,"tags":["a"],"none":null})");
  CHECK(answer.status == 200);
  CHECK(rules.last.account_id == "1");
  CHECK(rules.last.current_email == "ada@site.example");
  CHECK(rules.last.email == "New@site.example");
  CHECK(rules.last.other_fields == std::map<std::string, std::string>{{"reason", "moved"}, {"user_id", "2"}});
}

TEST_CASE_METHOD(OwnRules, "what a request validator refuses is answered field by field, and nothing is queued") {
  const std::string before = site.state();
  rules.problems = {{"email", {"Use your company's address."}}, {"reason", {"Too short.", "Too rude."}}};
  const RawAnswer answer = ask(R"({"email":"new@site.example"})");
  check_refused(answer, 400, "invalid-fields");
  CHECK(json_body(answer) ==
        nlohmann::json::parse(R"({"email":["Use your company's address."],"reason":["Too short.","Too rude."]})"));
  CHECK(site.state() == before);
}

TEST_CASE_METHOD(OwnRules, "a request validator is not asked about what is not well formed, nor about strangers") {
  check_refused(ask(R"({"email":"nobody"})"), 400, "invalid-fields");
  check_refused(ask("{"), 400, "parse-error");
  check_refused(post_json(site.port(), register_path, R"({"email":"new@site.example"})"), 401, "not-authenticated");
  CHECK(rules.asked == 0);
}

TEST_CASE_METHOD(OwnRules, "a request validator that throws is answered with 500, and nothing is queued") {
  const std::string before = site.state();
  rules.throws = true;
  const RawAnswer answer = ask(R"({"email":"new@site.example"})");
  check_refused(answer, 500, "internal");
  CHECK(answer.body.find("out of order") == std::string::npos);
  CHECK(site.log().all().find("out of order") != std::string::npos);
  CHECK(site.state() == before);
}

TEST_CASE_METHOD(OwnAnswers,
                 "a response builder makes status and body of both routes, and the code stays in its header") {
  const RawAnswer asked = site.register_email("asked@site.example");
  CHECK(asked.status == 202);
  CHECK(asked.body == R"({"next":"mailbox"})");
  check_common_headers(asked);
  const Link link = site.link_for_ada("new@site.example");
  CHECK(press(link).header("waxseal-code") == "verified");
  const RawAnswer again = press(link);
  CHECK(again.status == 202);
  CHECK(again.header("waxseal-code") == "already-verified");
  CHECK(answers.seen ==
        "register|Register email link email sent|\n"
        "verify|Email verified successfully|verified\n"
        "verify|Email verified successfully|already-verified\n");
}

TEST_CASE_METHOD(OwnAnswers, "a response builder is not asked about refusals") {
  Link link = site.link_for_ada("new@site.example");
  link.email = "other@site.example";
  check_refused(press(link), 400, "signature-invalid");
  CHECK(answers.seen.empty());
}

TEST_CASE_METHOD(OwnAnswers, "a response builder may leave the body out") {
  answers.answer = {204, ""};
  const RawAnswer answer = press(site.link_for_ada("new@site.example"));
  CHECK(answer.status == 204);
  CHECK(answer.body.empty());
}

TEST_CASE_METHOD(OwnAnswers, "an answer that is no success is 500, and the change stays") {
  for (const int status : {0, 199, 302, 400, 500}) {
    INFO(status);
    answers.answer.status = status;
    const std::string email = "new" + std::to_string(status) + "@site.example";
    check_refused(press(site.link_for_ada(email)), 500, "internal");
    CHECK(site.email_of("1") == email);
  }
  CHECK(site.log().all().find("the response builder gave status 302") != std::string::npos);
}

TEST_CASE_METHOD(OwnAnswers, "a response builder that throws is answered with 500, and the change stays") {
  answers.throws = true;
  check_refused(press(site.link_for_ada("new@site.example")), 500, "internal");
  CHECK(site.email_of("1") == "new@site.example");
  check_refused(site.register_email("asked@site.example"), 500, "internal");
  CHECK(site.state().find("mail to asked@site.example") != std::string::npos);
}

TEST_CASE("refusals of a link stand under the key that the site names, other errors do not") {
  HttpFixture site{HttpServerSettings{}, with_named_key()};
  const RawAnswer refused =
      post_json(site.port(), verify_path, R"({"user_id":"1","email":"a@b.example","timestamp":"1","signature":"x"})");
  CHECK(refused.status == 400);
  CHECK(refused.header("waxseal-code") == "signature-invalid");
  CHECK(refused.body == R"({"non_field_errors":["Invalid signature"]})");
  CHECK(post_json(site.port(), verify_path, R"({"user_id":"1"})").body.find("non_field_errors") == std::string::npos);
  check_refused(post_json(site.port(), register_path, R"({"email":"a@b.example"})"), 401, "not-authenticated");
}
