#pragma once
/// @file mustache_renderer.hpp
/// Mustache templates (https://mustache.github.io/mustache.5.html). A name that the context lacks is rendered empty.

#include <waxseal/server/mail_templates.hpp>

namespace waxseal::server {

class MustacheRenderer final : public TemplateRenderer {
 public:
  Result<std::string> render(const std::string& source, const MailContext& context, Output output) const override;
};

}  // namespace waxseal::server
