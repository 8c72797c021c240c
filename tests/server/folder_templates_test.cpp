// A site's own templates: which of them a mail is made of, and what is wrong with them, said before a mail depends on it.

#include "adapters/templates/folder_templates.hpp"

#include <algorithm>

#include "adapters/templates/built_in_templates.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

struct Folder {
  void put(const std::string& name, const std::string& source) const {
    std::filesystem::create_directories((folder / name).parent_path());
    write_file(folder / name, source);
  }
  FolderTemplates read() const { return {folder.path().string(), built_in}; }
  MailTemplateSet select(MailKind kind, const std::string& language) const {
    return read().select({kind, "1", "b@x.example", language}).value();
  }
  /// Every mistake, as "name: message" with the folder left out.
  std::string mistakes() const {
    std::string all;
    const FolderTemplates templates = read();
    for (const auto& mistake : templates.mistakes()) {
      const std::string start = folder.path().string() + "/";
      all += (mistake.where.rfind(start, 0) == 0 ? mistake.where.substr(start.size()) : mistake.where) + ": " +
             mistake.message + "\n";
    }
    return all;
  }
  /// A whole verify_email, good.
  void put_good(const std::string& language = "") const {
    const std::string start = language.empty() ? "" : language + "/";
    put(start + "verify_email.subject.mustache", "Hello\n");
    put(start + "verify_email.text.mustache", "{{link}}\n");
  }

  TempFolder folder;
  BuiltInTemplates built_in;
};

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE_METHOD(Folder, "Without a folder every mail is the built-in one") {
  const FolderTemplates none{"", built_in};
  CHECK(none.mistakes().empty());
  CHECK(none.select({MailKind::verify_email, "1", "b@x.example", "de"})->subject ==
        built_in.select({MailKind::verify_email, "1", "b@x.example", "de"})->subject);
}

TEST_CASE_METHOD(Folder, "A template takes the place of the built-in mail of its kind, in every language") {
  put_good();
  CHECK(mistakes().empty());
  for (const char* language : {"en", "de"}) {
    CHECK(select(MailKind::verify_email, language).subject == "Hello\n");
    CHECK(select(MailKind::verify_email, language).text == "{{link}}\n");
    CHECK(select(MailKind::verify_email, language).html.empty());
  }
  CHECK(has(select(MailKind::email_in_use, "de").subject, "{{site}}"));
}

TEST_CASE_METHOD(Folder, "A template of one language goes before the one of all") {
  put_good();
  put("de/verify_email.subject.mustache", "Hallo");
  put("de/verify_email.html.mustache", "<p>{{link}}</p>");
  CHECK(mistakes().empty());
  CHECK(select(MailKind::verify_email, "de").subject == "Hallo");
  CHECK(select(MailKind::verify_email, "de").text.empty());
  CHECK(select(MailKind::verify_email, "fr").subject == "Hello\n");
}

TEST_CASE_METHOD(Folder, "A template of all languages may use the sentences of each, its tag and the head") {
  put("verify_email.subject.mustache", "{{> subject}}");
  put("verify_email.html.mustache", "<html lang=\"{{>language}}\">{{> head}}<p>{{> button}}</p>{{link}}</html>");
  CHECK(mistakes().empty());
  const MailTemplateSet german = select(MailKind::verify_email, "de");
  CHECK(has(german.subject, "Bestätigen Sie"));
  CHECK(has(german.html, "<html lang=\"de\"><head>"));
  CHECK(has(german.html, "<p>Diese Adresse bestätigen</p>"));
  CHECK(has(select(MailKind::verify_email, "xx").html, "Confirm this address"));
}

TEST_CASE_METHOD(Folder, "What is on the disk later changes no mail of a running server") {
  put_good();
  const FolderTemplates read_once = read();
  put("verify_email.subject.mustache", "{{");
  CHECK(read_once.select({MailKind::verify_email, "1", "b@x.example", "en"})->subject == "Hello\n");
}

TEST_CASE_METHOD(Folder, "A folder that is missing, or holds nothing, is told") {
  CHECK(has(mistakes(), "holds no template"));
  const FolderTemplates missing{(folder / "nowhere").string(), built_in};
  REQUIRE(missing.mistakes().size() == 1);
  CHECK(has(missing.mistakes()[0].where, "nowhere"));
  CHECK(has(missing.mistakes()[0].message, "cannot be read"));
}

TEST_CASE_METHOD(Folder, "A file that is missing beside another is named") {
  put("verify_email.text.mustache", "{{link}}");
  put("de/email_in_use.subject.mustache", "Hallo");
  CHECK(has(mistakes(), "verify_email.subject.mustache: is missing"));
  CHECK(has(mistakes(), "de/email_in_use.html.mustache: is missing, and email_in_use.text.mustache too"));
}

TEST_CASE_METHOD(Folder, "A name without a value is told with its line and what is known") {
  put_good();
  put("verify_email.html.mustache", "<p>\n{{link}}\n{{ usr }} {{#whoever}}x{{/whoever}}\n</p>");
  CHECK(has(mistakes(),
            "verify_email.html.mustache:3: {{usr}} has no value in a verify_email mail; known: account, email, "));
  CHECK(has(mistakes(), "verify_email.html.mustache:3: {{whoever}} has no value"));
  put("email_in_use.subject.mustache", "x");
  put("email_in_use.text.mustache", "\n\n{{link}}");
  CHECK(has(mistakes(), "email_in_use.text.mustache:3: {{link}} has no value in a email_in_use mail"));
}

TEST_CASE_METHOD(Folder, "Tags and sections that are not closed are told with their line") {
  for (const auto& [source, mistake] :
       {std::pair{"{{link}}\n\nx {{link", ":3: Unclosed tag"},
        std::pair{"{{link}}\n{{#site}}\n", ":2: Unclosed section \"site\""},
        std::pair{"{{link}}\n{{/site}}\n", ":2: Unopened section \"site\""},
        std::pair{"{{link}} {{", ":1: Unclosed tag"}, std::pair{"{{{", ":1: Unclosed tag"}}) {
    put_good();
    put("verify_email.text.mustache", source);
    INFO(source);
    CHECK(has(mistakes(), std::string{"verify_email.text.mustache"} + mistake));
  }
}

TEST_CASE_METHOD(Folder, "A partial that is none is told") {
  put_good();
  put("verify_email.text.mustache", "{{link}}\n{{> buton}}");
  CHECK(has(mistakes(), "verify_email.text.mustache:2: {{> buton}} is no sentence of a verify_email mail"));
  put("verify_email.text.mustache", "{{link}}\n{{> head}}");
  CHECK(has(mistakes(), "verify_email.text.mustache:2: {{> head}} is no sentence"));
}

TEST_CASE_METHOD(Folder, "A value that is not escaped in HTML is told, and in text it is fine") {
  put_good();
  put("verify_email.html.mustache", "{{link}}\n{{{email}}} {{&site}}");
  CHECK(has(mistakes(), "verify_email.html.mustache:2: {{email}} is not escaped"));
  CHECK(has(mistakes(), "verify_email.html.mustache:2: {{site}} is not escaped"));
  put("verify_email.html.mustache", "{{link}}");
  put("verify_email.text.mustache", "{{{link}}}");
  CHECK(mistakes().empty());
}

TEST_CASE_METHOD(Folder, "A mail to confirm with needs its link in each part") {
  put_good();
  put("verify_email.html.mustache", "<p>{{email}}{{! {{link}} }}</p>");
  CHECK(has(mistakes(), "verify_email.html.mustache: has no {{link}}"));
  CHECK_FALSE(has(mistakes(), "verify_email.text.mustache"));
}

TEST_CASE_METHOD(Folder, "Files and folders with other names are told, and what editors leave is not") {
  put_good();
  put("verify-email.html.mustache", "x");
  put("xx/verify_email.html.mustache", "x");
  put("de/deeper/verify_email.html.mustache", "x");
  put(".git/config", "x");
  put("verify_email.text.mustache~", "x");
  CHECK(has(mistakes(), "verify-email.html.mustache: is no name of a template"));
  CHECK(has(mistakes(), "xx: is no language of the mails; known: en, de, es, fr, id, pl, pt-BR"));
  CHECK(has(mistakes(), "de/deeper: is no language"));
  CHECK(read().mistakes().size() == 3);
}

TEST_CASE_METHOD(Folder, "A template that is not UTF-8, too large, or a subject of two lines is told") {
  put_good();
  put("verify_email.html.mustache", "{{link}} \xff");
  CHECK(has(mistakes(), "verify_email.html.mustache: is not UTF-8"));
  put("verify_email.html.mustache", "{{link}}" + std::string(1'000'001, 'x'));
  CHECK(has(mistakes(), "larger than 1 MB"));
  put("verify_email.html.mustache", "{{link}}");
  put("verify_email.subject.mustache", "one\ntwo\n");
  CHECK(has(mistakes(), "verify_email.subject.mustache:2: a subject is one line"));
}
