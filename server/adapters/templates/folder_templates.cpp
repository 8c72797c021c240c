#include "adapters/templates/folder_templates.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include <waxseal/email_address.hpp>

#include "adapters/templates/sentences.hpp"

namespace waxseal::server {
namespace {

namespace fs = std::filesystem;

constexpr MailKind mail_kinds[] = {MailKind::verify_email, MailKind::email_in_use, MailKind::change_notice,
                                   MailKind::change_undone};
constexpr const char* file_ending = ".mustache";
constexpr std::size_t most_template_bytes = 1'000'000;

std::string file_name_of(MailKind kind, TemplatePart part) {
  return std::string{name_of(kind)} + "." + name_of(part) + file_ending;
}

std::optional<std::pair<MailKind, TemplatePart>> meaning_of(const std::string& file_name) {
  for (const MailKind kind : mail_kinds) {
    for (const TemplatePart part : template_parts) {
      if (file_name == file_name_of(kind, part)) return std::pair{kind, part};
    }
  }
  return std::nullopt;
}

std::string all_languages() {
  std::string list;
  for (const std::string& language : mail_languages()) list += (list.empty() ? "" : ", ") + language;
  return list;
}

/// Sorted, so that mistakes are told in the same order every time.
std::vector<fs::path> entries_of(const std::string& folder, std::error_code& error) {
  std::vector<fs::path> paths;
  for (fs::directory_iterator place{folder, error}; !error && place != fs::directory_iterator{};
       place.increment(error)) {
    paths.push_back(place->path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

FolderTemplates::FolderTemplates(const std::string& folder, const TemplateSelector& built_in)
    : folder_(folder), built_in_(built_in) {
  if (folder_.empty()) return;
  read_folder(folder_, {});
  for (const std::string& language : mail_languages()) {
    const fs::path path = fs::path{folder_} / language;
    if (fs::is_directory(path)) read_folder(path.string(), language);
  }
  if (sources_.empty() && mistakes_.empty()) {
    mistakes_.push_back(
        {folder_, "holds no template, e.g. " + file_name_of(MailKind::verify_email, TemplatePart::html)});
  }
  for (const auto& [place, sources] : sources_) check(place.first, place.second, sources);
}

/// @param language  Empty: the folder itself, which may hold those of languages, too.
void FolderTemplates::read_folder(const std::string& path, const std::string& language) {
  std::error_code error;
  for (const fs::path& entry : entries_of(path, error)) {
    const std::string name = entry.filename().string();
    if (name.front() == '.' || name.back() == '~') continue;  // an editor's, or a version control's
    if (!fs::is_directory(entry)) {
      read_template(entry.string(), language);
    } else if (!language.empty() || sentences_in(name) == nullptr) {
      mistakes_.push_back({entry.string(), "is no language of the mails; known: " + all_languages()});
    }
  }
  if (error) mistakes_.push_back({path, "cannot be read: " + error.message()});
}

void FolderTemplates::read_template(const std::string& path, const std::string& language) {
  const auto meaning = meaning_of(fs::path{path}.filename().string());
  if (!meaning) {
    mistakes_.push_back({path,
                         "is no name of a template; templates are KIND.PART.mustache, KIND one of verify_email, "
                         "email_in_use, change_notice, change_undone, PART one of subject, text, html"});
    return;
  }
  std::ifstream file{path, std::ios::binary};
  std::string source{std::istreambuf_iterator<char>{file}, {}};
  if (!file && !file.eof()) {
    mistakes_.push_back({path, "cannot be read"});
  } else if (source.size() > most_template_bytes) {
    mistakes_.push_back({path, "is larger than 1 MB"});
  } else if (!is_utf8(source)) {
    mistakes_.push_back({path, "is not UTF-8"});
  } else {
    sources_[{language, meaning->first}][meaning->second] = std::move(source);
  }
}

std::string FolderTemplates::path_of(const std::string& language, MailKind kind, TemplatePart part) const {
  return (fs::path{folder_} / language / file_name_of(kind, part)).string();
}

void FolderTemplates::check(const std::string& language, MailKind kind, const Sources& sources) {
  const std::vector<std::string> languages = language.empty() ? mail_languages() : std::vector<std::string>{language};
  for (const auto& [part, source] : sources) {
    for (const TemplateMistake& mistake : check_template(source, kind, part, languages)) {
      mistakes_.push_back({path_of(language, kind, part) + ":" + std::to_string(mistake.line), mistake.message});
    }
    if (part == TemplatePart::subject && source.find_last_not_of("\r\n") + 1 > source.find_first_of("\r\n")) {
      mistakes_.push_back({path_of(language, kind, part) + ":2", "a subject is one line"});
    }
    const bool lacks_link =
        kind == MailKind::verify_email && part != TemplatePart::subject && !uses_value(source, "link");
    if (lacks_link) mistakes_.push_back({path_of(language, kind, part), "has no {{link}}: nobody could confirm"});
  }
  if (sources.count(TemplatePart::subject) == 0) {
    mistakes_.push_back({path_of(language, kind, TemplatePart::subject), "is missing: a mail needs a subject"});
  }
  if (sources.count(TemplatePart::text) == 0 && sources.count(TemplatePart::html) == 0) {
    mistakes_.push_back(
        {path_of(language, kind, TemplatePart::html),
         "is missing, and " + file_name_of(kind, TemplatePart::text) + " too: a mail needs one of them"});
  }
}

Result<MailTemplateSet> FolderTemplates::select(const MailFacts& facts) const {
  auto place = sources_.find({facts.language, facts.kind});
  if (place == sources_.end()) place = sources_.find({std::string{}, facts.kind});
  if (place == sources_.end()) return built_in_.select(facts);
  const std::string language = sentences_in(facts.language) != nullptr ? facts.language : "en";
  MailTemplateSet set;
  for (const auto& [part, source] : place->second) {
    auto whole = with_partials(source, facts.kind, language, part);
    if (!whole) return tl::make_unexpected(whole.error());
    (part == TemplatePart::subject ? set.subject
     : part == TemplatePart::text  ? set.text
                                   : set.html) = std::move(*whole);
  }
  return set;
}

}  // namespace waxseal::server
