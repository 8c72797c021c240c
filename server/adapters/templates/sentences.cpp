#include "adapters/templates/sentences.hpp"

#include <algorithm>

#include <toml++/toml.h>

#include "embedded_locales.hpp"

namespace waxseal::server {
namespace {

Sentences read_sentences(std::string_view source) {
  Sentences sentences;
  const toml::table table = toml::parse(source);
  for (const auto& [section, node] : table) {
    for (const auto& [name, value] : *node.as_table()) {
      sentences.emplace(std::string{section.str()} + "." + std::string{name.str()}, value.value<std::string>().value());
    }
  }
  return sentences;
}

/// A file of ours that cannot be read stops every test that writes a mail.
const std::map<std::string, Sentences, std::less<>>& all_sentences() {
  static const auto all = [] {
    std::map<std::string, Sentences, std::less<>> read;
    for (const EmbeddedFile& file : embedded_locales) read.emplace(std::string{file.name}, read_sentences(file.text));
    return read;
  }();
  return all;
}

}  // namespace

const std::vector<std::string>& mail_languages() {
  static const std::vector<std::string> languages = [] {
    std::vector<std::string> names{"en"};
    for (const auto& [language, sentences] : all_sentences()) {
      if (language != "en") names.push_back(language);
    }
    return names;
  }();
  return languages;
}

const Sentences* sentences_in(std::string_view language) {
  const auto place = all_sentences().find(language);
  return place != all_sentences().end() ? &place->second : nullptr;
}

const std::string* find_sentence(const Sentences& sentences, MailKind kind, std::string_view name) {
  for (const std::string_view section : {name_of(kind), std::string_view{"common"}}) {
    const auto place = sentences.find(std::string{section} + "." + std::string{name});
    if (place != sentences.end()) return &place->second;
  }
  return nullptr;
}

}  // namespace waxseal::server
