#pragma once
/// @file partials.hpp
/// `{{> name}}` in a template of a mail: a sentence in the mail's language, the tag of that language, or the shared head.
/// They are put in before a template is rendered, so that any renderer of mustache will do.

#include <string>
#include <string_view>

#include <waxseal/server/mail_templates.hpp>

namespace waxseal::server {

enum class TemplatePart { subject, text, html };

inline constexpr TemplatePart template_parts[] = {TemplatePart::subject, TemplatePart::text, TemplatePart::html};

/// The part's name in the names of files.
constexpr const char* name_of(TemplatePart part) {
  switch (part) {
    case TemplatePart::subject: break;
    case TemplatePart::text: return "text";
    case TemplatePart::html: return "html";
  }
  return "subject";
}

/// What `{{> name}}` stands for in a mail of that kind and language. In HTML a sentence shows the new address in bold.
/// Fails with:  ErrorCode::internal  nothing has this name
Result<std::string> partial(std::string_view name, MailKind kind, const std::string& language, TemplatePart part);

/// The source with all its partials put in. Fails with:  ErrorCode::internal  one that nothing stands for
Result<std::string> with_partials(std::string_view source, MailKind kind, const std::string& language,
                                  TemplatePart part);

}  // namespace waxseal::server
