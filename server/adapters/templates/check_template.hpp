#pragma once
/// @file check_template.hpp
/// What is wrong with a site's own template, before a mail depends on it.

#include <string>
#include <string_view>
#include <vector>

#include "adapters/templates/partials.hpp"

namespace waxseal::server {

struct TemplateMistake {
  int line = 0;  ///< From 1.
  std::string message;
};

/// Reads a template as the renderer does: tags and sections that are not closed, names that a mail of this kind has no value
/// for, partials that are none, values in HTML that are not escaped. @param languages  In which it is used.
std::vector<TemplateMistake> check_template(const std::string& source, MailKind kind, TemplatePart part,
                                            const std::vector<std::string>& languages);

/// Whether a value of that name stands somewhere in it.
bool uses_value(const std::string& source, std::string_view name);

}  // namespace waxseal::server
