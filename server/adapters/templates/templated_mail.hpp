#pragma once
/// @file templated_mail.hpp
/// The words of a mail: select the templates, complete the context, render each, make the text if there is none, fold its
/// lines.

#include <waxseal/server/mail_templates.hpp>

#include "ports/mail.hpp"

namespace waxseal::server {

class TemplatedMail final : public MailTemplates {
 public:
  struct Steps {
    const TemplateSelector& selector;
    const TemplateRenderer& renderer;
    const HtmlToText& html_to_text;
    const MailContextBuilder* context_builder = nullptr;  ///< None: the context as it is.
  };
  /// @param steps  Outlive this.
  explicit TemplatedMail(Steps steps) : steps_(steps) {}

  Result<MailText> render(const MailFacts& facts, const MailContext& context) const override;

 private:
  Result<std::string> render_part(const std::string& source, const MailContext& context,
                                  TemplateRenderer::Output output, const char* part) const;
  Steps steps_;
};

}  // namespace waxseal::server
