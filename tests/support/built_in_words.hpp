#pragma once
/// @file built_in_words.hpp
/// The words of mails as `waxseal serve` has them when nothing of it was replaced.

#include "adapters/html/libxml2_text.hpp"
#include "adapters/icu/icu_time_words.hpp"
#include "adapters/templates/built_in_templates.hpp"
#include "adapters/templates/mustache_renderer.hpp"
#include "adapters/templates/templated_mail.hpp"

namespace waxseal::test {

class BuiltInWords final : public server::MailTemplates {
 public:
  Result<server::MailText> render(const server::MailFacts& facts, const server::MailContext& context) const override {
    return mail_.render(facts, context);
  }

 private:
  server::BuiltInTemplates selector_;
  server::MustacheRenderer renderer_;
  server::Libxml2Text html_to_text_;
  server::TemplatedMail mail_{{selector_, renderer_, html_to_text_}};
};

}  // namespace waxseal::test
