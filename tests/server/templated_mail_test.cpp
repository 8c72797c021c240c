// The steps from templates to words, each of which can be the site's own.

#include "adapters/templates/templated_mail.hpp"

#include "adapters/html/libxml2_text.hpp"
#include "adapters/templates/built_in_templates.hpp"
#include "adapters/templates/mustache_renderer.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;

namespace {

const MailFacts facts{MailKind::verify_email, "1", "b@x.example", "en"};

/// Selects the templates that a test gave it.
struct GivenTemplates final : TemplateSelector {
  Result<MailTemplateSet> select(const MailFacts& asked) const override {
    last = asked;
    return templates;
  }
  Result<MailTemplateSet> templates = MailTemplateSet{"Subject", "Text {{link}}", "<p>HTML {{link}}</p>"};
  mutable MailFacts last;
};

struct Brand final : MailContextBuilder {
  void complete(MailContext& context, const MailFacts& asked) const override {
    context["brand"] = "Ink & Wax";
    context["link"] += "&for=" + asked.account_id;
  }
};

struct Shouting final : TemplateRenderer {
  Result<std::string> render(const std::string& source, const MailContext&, Output output) const override {
    if (source == "broken") return fail(ErrorCode::internal, "no such filter");
    return source + (output == Output::html ? "!html" : "!plain");
  }
};

struct NoText final : HtmlToText {
  Result<std::string> convert(std::string_view) const override { return fail(ErrorCode::internal, "cannot be text"); }
};

struct Parts {
  MailText words(const MailContextBuilder* builder = nullptr) {
    return TemplatedMail{{selector, renderer, html_to_text, builder}}
        .render(facts, {{"link", "https://h/?a=1&b=2"}})
        .value();
  }
  std::string failure() {
    const auto words = TemplatedMail{{selector, renderer, html_to_text, nullptr}}.render(facts, {});
    return words ? "" : words.error().log_detail;
  }
  GivenTemplates selector;
  MustacheRenderer renderer;
  Libxml2Text html_to_text;
};

}  // namespace

TEST_CASE_METHOD(Parts, "The selector is told which mail it is and for whom, and its templates are used") {
  const MailText words = this->words();
  CHECK(selector.last.account_id == "1");
  CHECK(selector.last.recipient == "b@x.example");
  CHECK(selector.last.language == "en");
  CHECK(words.subject == "Subject");
  CHECK(words.text == "Text https://h/?a=1&b=2");
  CHECK(words.html == "<p>HTML https://h/?a=1&amp;b=2</p>");
}

TEST_CASE_METHOD(Parts, "The context builder adds values and replaces them") {
  selector.templates = MailTemplateSet{"{{brand}}", "{{link}}", ""};
  const Brand brand;
  const MailText words = this->words(&brand);
  CHECK(words.subject == "Ink & Wax");
  CHECK(words.text == "https://h/?a=1&b=2&for=1");
}

TEST_CASE("Another renderer gets the sources as they are and is told what they become") {
  GivenTemplates selector;
  const Shouting renderer;
  const Libxml2Text html_to_text;
  const MailText words = TemplatedMail{{selector, renderer, html_to_text, nullptr}}.render(facts, {}).value();
  CHECK(words.subject == "Subject!plain");
  CHECK(words.text == "Text {{link}}!plain");
  CHECK(words.html == "<p>HTML {{link}}</p>!html");
  selector.templates = MailTemplateSet{"Subject", "broken", ""};
  const auto refused = TemplatedMail{{selector, renderer, html_to_text, nullptr}}.render(facts, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().log_detail == "the text template: no such filter");
}

TEST_CASE_METHOD(Parts, "Without a text template the text is made from the HTML, with the link alone on its line") {
  selector.templates = MailTemplateSet{"Subject", "", R"(<p>Is it you?</p><p><a href="{{link}}">Yes</a></p>)"};
  const MailText words = this->words();
  CHECK(words.text == "Is it you?\n\nYes\nhttps://h/?a=1&b=2\n");
  CHECK(words.html.find("<a href=") != std::string::npos);
}

TEST_CASE_METHOD(Parts, "Without an HTML template the mail is text only and no converter is asked") {
  selector.templates = MailTemplateSet{"Subject", "Text", ""};
  const NoText never_asked;
  const MailText words = TemplatedMail{{selector, renderer, never_asked, nullptr}}.render(facts, {}).value();
  CHECK(words.text == "Text");
  CHECK(words.html.empty());
}

TEST_CASE_METHOD(Parts, "A converter that fails leaves no mail without a text") {
  selector.templates = MailTemplateSet{"Subject", "", "<p>HTML</p>"};
  const NoText failing;
  const auto refused = TemplatedMail{{selector, renderer, failing, nullptr}}.render(facts, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().log_detail == "cannot be text");
}

TEST_CASE_METHOD(Parts, "The line break at the end of a subject's file is no part of the subject") {
  selector.templates = MailTemplateSet{"Subject\r\n\n", "Text\n", ""};
  const MailText words = this->words();
  CHECK(words.subject == "Subject");
  CHECK(words.text == "Text\n");
}

TEST_CASE_METHOD(Parts, "A mail without a subject or without a text is none") {
  for (const MailTemplateSet& templates :
       {MailTemplateSet{"", "Text", ""}, MailTemplateSet{"\n", "Text", ""}, MailTemplateSet{"{{nothing}}", "Text", ""},
        MailTemplateSet{"Subject", "{{nothing}}", ""}, MailTemplateSet{"Subject", "", "<p></p>"}}) {
    INFO(templates.subject << "|" << templates.text << "|" << templates.html);
    selector.templates = templates;
    CHECK(failure() == "verify_email: the mail has no subject or no text");
  }
  selector.templates = MailTemplateSet{"Subject", "", ""};
  CHECK(failure() == "there is no HTML in it");
}

TEST_CASE_METHOD(Parts, "A template that is none is named with its part") {
  selector.templates = MailTemplateSet{"{{#open}}", "Text", ""};
  CHECK(failure().find("the subject template: ") == 0);
  selector.templates = MailTemplateSet{"Subject", "Text", "{{#open}}"};
  CHECK(failure().find("the HTML template: ") == 0);
  selector.templates = fail(ErrorCode::internal, "no templates here");
  CHECK(failure() == "no templates here");
}

TEST_CASE("Mustache escapes in HTML only, and three braces not even there") {
  const MustacheRenderer mustache;
  using Output = TemplateRenderer::Output;
  const MailContext context{{"name", "<A&B>"}};
  CHECK(mustache.render("{{name}}", context, Output::plain) == "<A&B>");
  CHECK(mustache.render("{{name}}", context, Output::html) == "&lt;A&amp;B&gt;");
  CHECK(mustache.render("{{{name}}}", context, Output::html) == "<A&B>");
  CHECK(mustache.render("{{^link}}none{{/link}}{{#name}}some{{/name}}", context, Output::plain) == "nonesome");
  CHECK_FALSE(mustache.render("{{/closed}}", context, Output::plain));
}

TEST_CASE("What the values hold is never read as a template") {
  const MustacheRenderer mustache;
  const MailContext context{{"email", "{{link}}@x.example"}, {"link", "https://h/"}};
  CHECK(mustache.render("{{email}}", context, TemplateRenderer::Output::plain) == "{{link}}@x.example");
}

TEST_CASE("Every kind of mail that is sent has its built-in templates") {
  const BuiltInTemplates built_in;
  for (const MailKind kind :
       {MailKind::verify_email, MailKind::email_in_use, MailKind::change_notice, MailKind::change_undone}) {
    const MailTemplateSet templates = built_in.select({kind, "1", "b@x.example", "en"}).value();
    CHECK_FALSE(templates.subject.empty());
    CHECK_FALSE(templates.text.empty());
    CHECK_FALSE(templates.html.empty());
  }
}
