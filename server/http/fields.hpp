#pragma once
/// @file fields.hpp
/// The values of a body by the rules and in the words of Django REST Framework's serializer fields.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "http/error_response.hpp"

namespace waxseal::server {

/// Reads fields one after the other and remembers what was wrong with each, so that all is told at once.
class FieldReader {
 public:
  explicit FieldReader(const nlohmann::json& body) : body_(body) {}

  /// CharField: a text, or a number as a text; white space at the ends is taken off; not blank, no NUL.
  std::string text(const std::string& name);

  /// IntegerField: a whole number, as JSON number or text (`" 5 "`, `"+5"`, `"05"`, `"5.0"`). A text may have
  /// 1000 digits; a JSON number beyond 64 bits is refused, for it is not exact any more.
  /// @return  Its canonical decimal spelling.
  std::string integer(const std::string& name);

  /// EmailField: as `text`, and an address that `is_email` accepts.
  std::string email(const std::string& name, const std::function<bool(std::string_view)>& is_email);

  const FieldErrors& errors() const { return errors_; }

 private:
  /// The value, unless it is missing or null, which is noted.
  const nlohmann::json* present(const std::string& name);
  std::optional<std::string> trimmed_text(const std::string& name, const char* wrong_type);
  void note(const std::string& name, std::string problem);

  const nlohmann::json& body_;
  FieldErrors errors_;
};

}  // namespace waxseal::server
