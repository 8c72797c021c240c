#include "adapters/templates/built_in_templates.hpp"

#include <algorithm>

#include "embedded_templates.hpp"

namespace waxseal::server {
namespace {

constexpr std::string_view fallback_language = "en";

const EmbeddedFile* find_template(std::string_view language, MailKind kind, std::string_view part) {
  const std::string name = std::string{language} + "/" + std::string{name_of(kind)} + "." + std::string{part};
  const auto place = std::find_if(embedded_templates.begin(), embedded_templates.end(),
                                  [&](const EmbeddedFile& file) { return file.name == name; });
  return place != embedded_templates.end() ? &*place : nullptr;
}

Result<std::string> source_of(const MailFacts& facts, std::string_view part) {
  const EmbeddedFile* file = find_template(facts.language, facts.kind, part);
  if (file == nullptr) file = find_template(fallback_language, facts.kind, part);
  if (file == nullptr) return fail(ErrorCode::internal, "no template for " + std::string{name_of(facts.kind)});
  return std::string{file->text};
}

}  // namespace

Result<MailTemplateSet> BuiltInTemplates::select(const MailFacts& facts) const {
  auto subject = source_of(facts, "subject");
  if (!subject) return tl::make_unexpected(subject.error());
  auto text = source_of(facts, "text");
  if (!text) return tl::make_unexpected(text.error());
  auto html = source_of(facts, "html");
  if (!html) return tl::make_unexpected(html.error());
  return MailTemplateSet{std::move(*subject), std::move(*text), std::move(*html)};
}

}  // namespace waxseal::server
