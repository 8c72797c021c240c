#include "adapters/templates/mustache_templates.hpp"

#include <algorithm>

#include <kainjow/mustache.hpp>

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

enum class Escape { none, html };

Result<std::string> render_part(MailKind kind, std::string_view language, std::string_view part, Escape escape,
                                const MailContext& context) {
  const EmbeddedFile* file = find_template(language, kind, part);
  if (file == nullptr) file = find_template(fallback_language, kind, part);
  if (file == nullptr) return fail(ErrorCode::internal, "no template for " + std::string{name_of(kind)});
  kainjow::mustache::mustache parsed{std::string{file->text}};
  if (!parsed.is_valid()) return fail(ErrorCode::internal, std::string{file->name} + ": " + parsed.error_message());
  if (escape == Escape::none) parsed.set_custom_escape([](const std::string& text) { return text; });
  kainjow::mustache::data values;
  for (const auto& [name, value] : context) values.set(name, value);
  return parsed.render(values);
}

}  // namespace

Result<MailText> MustacheTemplates::render(MailKind kind, std::string_view language, const MailContext& context) const {
  auto subject = render_part(kind, language, "subject", Escape::none, context);
  if (!subject) return tl::make_unexpected(subject.error());
  auto text = render_part(kind, language, "text", Escape::none, context);
  if (!text) return tl::make_unexpected(text.error());
  auto html = render_part(kind, language, "html", Escape::html, context);
  if (!html) return tl::make_unexpected(html.error());
  subject->erase(subject->find_last_not_of('\n') + 1);  // files end in a line break, subjects do not
  return MailText{std::move(*subject), std::move(*text), std::move(*html)};
}

}  // namespace waxseal::server
