#pragma once
/// @file built_in_templates.hpp
/// The templates that are part of the program: one layout a kind, `<kind>.{text,html}`, and its sentences in each language.

#include <waxseal/server/mail_templates.hpp>

namespace waxseal::server {

class BuiltInTemplates final : public TemplateSelector {
 public:
  /// A language that the mails are not written in gets the English ones.
  Result<MailTemplateSet> select(const MailFacts& facts) const override;
};

}  // namespace waxseal::server
