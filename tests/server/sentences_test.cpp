// The sentences of the mails: every language has the same ones, with the same values in them.

#include "adapters/templates/sentences.hpp"

#include <algorithm>
#include <regex>
#include <set>

#include "adapters/templates/built_in_templates.hpp"
#include "adapters/templates/check_template.hpp"
#include "config/setting_keys.hpp"
#include "support/built_in_words.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

constexpr MailKind all_kinds[] = {MailKind::verify_email, MailKind::email_in_use, MailKind::change_notice,
                                  MailKind::change_undone};

std::vector<std::string> names_of(const Sentences& sentences) {
  std::vector<std::string> names;
  for (const auto& [name, sentence] : sentences) names.push_back(name);
  return names;
}

std::multiset<std::string> values_in(const std::string& sentence) {
  static const std::regex value{R"(\{\{[^}]*\}\})"};
  std::multiset<std::string> found;
  for (std::sregex_iterator place{sentence.begin(), sentence.end(), value}, end; place != end; ++place)
    found.insert(place->str());
  return found;
}

MailFacts facts(MailKind kind, const std::string& language) { return {kind, "1", "b@x.example", language}; }

const MailContext context{{"site", "app.example"},  {"account", "a***@x***.example"},
                          {"requested_at", "THEN"}, {"email", "b@x.example"},
                          {"valid_for", "7 DAYS"},  {"link", "https://app.example/?a=1&b=2"}};

}  // namespace

TEST_CASE("The mails are written in the seven languages that the configuration knows") {
  const SettingKey* key = find_setting_key("register_email", "default_language");
  const std::vector<std::string> choices{key->choices.begin(), key->choices.end()};
  CHECK(choices == mail_languages());
  CHECK(choices == std::vector<std::string>{"en", "de", "es", "fr", "id", "pl", "pt-BR"});
}

TEST_CASE("No language lacks a sentence and none has one more") {
  for (const std::string& language : mail_languages()) {
    INFO(language);
    CHECK(names_of(*sentences_in(language)) == names_of(*sentences_in("en")));
  }
}

TEST_CASE("A sentence names the same values in every language") {
  for (const std::string& language : mail_languages()) {
    for (const auto& [name, sentence] : *sentences_in(language)) {
      INFO(language << " " << name);
      CHECK(values_in(sentence) == values_in(sentences_in("en")->at(name)));
    }
  }
}

TEST_CASE("A sentence is one line without markup, and none was left in English") {
  for (const std::string& language : mail_languages()) {
    for (const auto& [name, sentence] : *sentences_in(language)) {
      INFO(language << " " << name << ": " << sentence);
      CHECK(sentence.find_first_of("<>&\n\t") == std::string::npos);
      CHECK(is_utf8(sentence));
      CHECK(sentence.find("  ") == std::string::npos);
      CHECK(sentence.front() != ' ');
      CHECK(sentence.back() != ' ');
      CHECK((language == "en" || sentence != sentences_in("en")->at(name)));
    }
  }
}

TEST_CASE("Every sentence stands in some mail") {
  std::string all;
  for (const MailKind kind : all_kinds) {
    const MailTemplateSet set = BuiltInTemplates{}.select(facts(kind, "en")).value();
    all += set.subject + "\n" + set.text + "\n" + set.html;
  }
  for (const auto& [name, sentence] : *sentences_in("en")) {
    INFO(name);
    const std::string start = sentence.substr(0, sentence.find("{{"));
    CHECK(all.find(start) != std::string::npos);
  }
}

TEST_CASE("The built-in templates pass the check that a site's own are held to") {
  for (const std::string& language : mail_languages()) {
    for (const MailKind kind : all_kinds) {
      const MailTemplateSet set = BuiltInTemplates{}.select(facts(kind, language)).value();
      const std::pair<TemplatePart, const std::string*> parts[] = {
          {TemplatePart::subject, &set.subject}, {TemplatePart::text, &set.text}, {TemplatePart::html, &set.html}};
      for (const auto& [part, source] : parts) {
        for (const TemplateMistake& mistake : check_template(*source, kind, part, {language})) {
          FAIL_CHECK(language << " " << name_of(kind) << " " << name_of(part) << ": " << mistake.message);
        }
      }
    }
  }
}

TEST_CASE("Every mail is whole in every language") {
  const BuiltInWords words;
  for (const std::string& language : mail_languages()) {
    for (const MailKind kind : all_kinds) {
      INFO(language << " " << name_of(kind));
      const MailText mail = words.render(facts(kind, language), context).value();
      const std::string everything = mail.subject + mail.text + mail.html;
      CHECK(everything.find("{{") == std::string::npos);
      CHECK(everything.find("}}") == std::string::npos);
      CHECK(mail.subject.find("app.example") != std::string::npos);
      CHECK(mail.subject.find('\n') == std::string::npos);
      CHECK(mail.html.find("<html lang=\"" + language + "\">") != std::string::npos);
      for (const char* value : {"app.example", "THEN", "b@x.example"}) {
        CHECK(mail.text.find(value) != std::string::npos);
        CHECK(mail.html.find(value) != std::string::npos);
      }
      const bool has_link = kind == MailKind::verify_email || kind == MailKind::change_notice;
      CHECK((mail.text.find("\nhttps://app.example/?a=1&b=2\n") != std::string::npos) == has_link);
      CHECK((mail.html.find("href=\"https://app.example/?a=1&amp;b=2\"") != std::string::npos) == has_link);
      CHECK((mail.text.find("7 DAYS") != std::string::npos) == has_link);
    }
  }
}

TEST_CASE("A notice without a link says what to do instead") {
  const BuiltInWords words;
  MailContext without = context;
  without.erase("link");
  for (const std::string& language : mail_languages()) {
    INFO(language);
    const MailText mail = words.render(facts(MailKind::change_notice, language), without).value();
    CHECK(mail.text.find("https://") == std::string::npos);
    CHECK(mail.html.find("href") == std::string::npos);
    CHECK(mail.html.find("class=\"button\"") == std::string::npos);
    std::string last = sentences_in(language)->at("change_notice.without_link");
    last = last.substr(0, last.find("{{")).substr(0, 40);
    CHECK(mail.html.find(last) != std::string::npos);
  }
}

TEST_CASE("No line of a text is longer than a terminal is wide, but for a link") {
  const BuiltInWords words;
  for (const std::string& language : mail_languages()) {
    for (const MailKind kind : all_kinds) {
      const MailText mail = words.render(facts(kind, language), context).value();
      std::istringstream lines{mail.text};
      for (std::string line; std::getline(lines, line);) {
        INFO(language << " " << line);
        const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
        CHECK(line.size() - static_cast<std::size_t>(std::count_if(line.begin(), line.end(), continues)) <= 76);
      }
    }
  }
}
