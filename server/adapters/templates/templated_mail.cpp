#include "adapters/templates/templated_mail.hpp"

#include "adapters/templates/fold_lines.hpp"

namespace waxseal::server {

Result<MailText> TemplatedMail::render(const MailFacts& facts, const MailContext& given) const {
  using Output = TemplateRenderer::Output;
  const auto templates = steps_.selector.select(facts);
  if (!templates) return tl::make_unexpected(templates.error());
  MailContext context = given;
  if (steps_.context_builder != nullptr) steps_.context_builder->complete(context, facts);

  auto subject = render_part(templates->subject, context, Output::plain, "subject");
  if (!subject) return tl::make_unexpected(subject.error());
  subject->erase(subject->find_last_not_of("\r\n") + 1);  // files end in a line break, subjects do not
  auto html = render_part(templates->html, context, Output::html, "HTML");
  if (!html) return tl::make_unexpected(html.error());
  auto text = templates->text.empty() ? steps_.html_to_text.convert(*html)
                                      : render_part(templates->text, context, Output::plain, "text");
  if (!text) return tl::make_unexpected(text.error());
  if (subject->empty() || text->empty()) {
    return fail(ErrorCode::internal, std::string{name_of(facts.kind)} + ": the mail has no subject or no text");
  }
  return MailText{std::move(*subject), with_folded_lines(*text), std::move(*html)};
}

Result<std::string> TemplatedMail::render_part(const std::string& source, const MailContext& context,
                                               TemplateRenderer::Output output, const char* part) const {
  if (source.empty()) return std::string{};
  auto rendered = steps_.renderer.render(source, context, output);
  if (!rendered) {
    return fail(rendered.error().code, std::string{"the "} + part + " template: " + rendered.error().log_detail);
  }
  return rendered;
}

}  // namespace waxseal::server
