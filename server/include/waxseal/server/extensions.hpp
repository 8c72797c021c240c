#pragma once
/// @file extensions.hpp
/// Everything of Django REST Registration's settings that takes code, as interfaces. Null: what is built in.

#include <memory>

#include <waxseal/server/email_change.hpp>
#include <waxseal/server/mail.hpp>
#include <waxseal/server/mail_templates.hpp>
#include <waxseal/server/request_validator.hpp>
#include <waxseal/server/response_builder.hpp>
#include <waxseal/server/url_builder.hpp>

namespace waxseal::server {

struct Extensions {
  std::shared_ptr<const RequestValidator> request_validator;
  std::shared_ptr<const UrlBuilder> url_builder;
  std::shared_ptr<const TemplateSelector> template_selector;
  std::shared_ptr<const MailContextBuilder> mail_context_builder;
  std::shared_ptr<const TemplateRenderer> template_renderer;
  std::shared_ptr<const HtmlToText> html_to_text;
  std::shared_ptr<MailSender> mail_sender;
  std::shared_ptr<const ResponseBuilder> response_builder;
  std::shared_ptr<EmailChangeObserver> email_change_observer;
};

}  // namespace waxseal::server
