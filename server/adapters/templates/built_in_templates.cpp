#include "adapters/templates/built_in_templates.hpp"

#include <algorithm>

#include "adapters/templates/partials.hpp"
#include "adapters/templates/sentences.hpp"
#include "embedded_templates.hpp"

namespace waxseal::server {
namespace {

constexpr const char* fallback_language = "en";

Result<std::string> source_of(MailKind kind, const std::string& language, TemplatePart part) {
  if (part == TemplatePart::subject) return partial("subject", kind, language, part);
  const std::string name = std::string{name_of(kind)} + "." + name_of(part);
  const auto file = std::find_if(embedded_templates.begin(), embedded_templates.end(),
                                 [&](const EmbeddedFile& candidate) { return candidate.name == name; });
  if (file == embedded_templates.end()) return fail(ErrorCode::internal, "no template " + name);
  return with_partials(file->text, kind, language, part);
}

}  // namespace

Result<MailTemplateSet> BuiltInTemplates::select(const MailFacts& facts) const {
  const std::string language = sentences_in(facts.language) != nullptr ? facts.language : fallback_language;
  auto subject = source_of(facts.kind, language, TemplatePart::subject);
  if (!subject) return tl::make_unexpected(subject.error());
  auto text = source_of(facts.kind, language, TemplatePart::text);
  if (!text) return tl::make_unexpected(text.error());
  auto html = source_of(facts.kind, language, TemplatePart::html);
  if (!html) return tl::make_unexpected(html.error());
  return MailTemplateSet{std::move(*subject), std::move(*text), std::move(*html)};
}

}  // namespace waxseal::server
