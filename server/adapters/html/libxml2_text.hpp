#pragma once
/// @file libxml2_text.hpp
/// Reads HTML as libxml2 does and writes what a person would read in it.

#include <waxseal/server/mail_templates.hpp>

namespace waxseal::server {

/// Blocks become paragraphs, items get a dash, images are their `alt`. A link's address stands alone on the line after
/// its words, so that mail programs find its end. Styles, scripts and the head are left out.
class Libxml2Text final : public HtmlToText {
 public:
  /// Takes what browsers would take, tags left open included.
  /// Fails with:  ErrorCode::internal  over 10 MB, nested deeper than 200 elements, or nothing in it is HTML
  Result<std::string> convert(std::string_view html) const override;
};

}  // namespace waxseal::server
