#pragma once
/// @file mail_templates.hpp
/// How the words of a mail are made: templates are selected, a context is completed, each template is rendered, and a
/// text is made from the HTML where there is none. Each step can be another's. Called from the mail worker's thread; an
/// exception, like a failure, leaves the mail in the outbox, to be tried again.

#include <string>
#include <string_view>

#include <waxseal/server/mail.hpp>

namespace waxseal::server {

/// The sources of one mail's templates, for the renderer.
struct MailTemplateSet {
  std::string subject;
  std::string text;  ///< Empty: made from the rendered HTML.
  std::string html;  ///< Empty: the mail has a text part only. One of the two is needed.
};

/// Takes the place of DRR's VERIFICATION_TEMPLATES_SELECTOR and REGISTER_EMAIL_VERIFICATION_EMAIL_TEMPLATES.
class TemplateSelector {
 public:
  virtual ~TemplateSelector() = default;
  /// Fails with:  ErrorCode::internal  there is no template for this mail
  virtual Result<MailTemplateSet> select(const MailFacts& facts) const = 0;
};

/// Takes the place of DRR's VERIFICATION_TEMPLATE_CONTEXT_BUILDER.
class MailContextBuilder {
 public:
  virtual ~MailContextBuilder() = default;
  /// Adds values, or replaces them. @param context  Holds what the built-in templates use.
  virtual void complete(MailContext& context, const MailFacts& facts) const = 0;
};

/// Takes the place of DRR's VERIFICATION_TEMPLATE_RENDERER. The built-in one reads mustache.
class TemplateRenderer {
 public:
  enum class Output {
    plain,  ///< A subject or a text: values stand as they are.
    html,   ///< Values are escaped.
  };
  virtual ~TemplateRenderer() = default;
  /// Fails with:  ErrorCode::internal  the source is no template
  virtual Result<std::string> render(const std::string& source, const MailContext& context, Output output) const = 0;
};

/// Takes the place of DRR's VERIFICATION_EMAIL_HTML_TO_TEXT_CONVERTER.
class HtmlToText {
 public:
  virtual ~HtmlToText() = default;
  /// @param html  UTF-8, rendered. @return  Plain text with every link's address in it, lines end in `\n`.
  virtual Result<std::string> convert(std::string_view html) const = 0;
};

}  // namespace waxseal::server
