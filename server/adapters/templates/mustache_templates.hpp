#pragma once
/// @file mustache_templates.hpp
/// The words of mails from mustache templates: `<language>/<kind>.{subject,text,html}`, built into the program.

#include "ports/mail.hpp"

namespace waxseal::server {

class MustacheTemplates final : public MailTemplates {
 public:
  Result<MailText> render(MailKind kind, std::string_view language, const MailContext& context) const override;
};

}  // namespace waxseal::server
