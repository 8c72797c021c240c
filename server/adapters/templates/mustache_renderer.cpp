#include "adapters/templates/mustache_renderer.hpp"

#include <kainjow/mustache.hpp>

namespace waxseal::server {

Result<std::string> MustacheRenderer::render(const std::string& source, const MailContext& context,
                                             Output output) const {
  kainjow::mustache::mustache parsed{source};
  if (!parsed.is_valid()) return fail(ErrorCode::internal, parsed.error_message());
  if (output == Output::plain) parsed.set_custom_escape([](const std::string& text) { return text; });
  kainjow::mustache::data values;
  for (const auto& [name, value] : context) values.set(name, value);
  return parsed.render(values);
}

}  // namespace waxseal::server
