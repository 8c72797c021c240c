#pragma once
/// @file built_in_templates.hpp
/// The templates that are part of the program: `<language>/<kind>.{subject,text,html}`, in mustache.

#include <waxseal/server/mail_templates.hpp>

namespace waxseal::server {

class BuiltInTemplates final : public TemplateSelector {
 public:
  /// A language without templates gets the English ones.
  Result<MailTemplateSet> select(const MailFacts& facts) const override;
};

}  // namespace waxseal::server
