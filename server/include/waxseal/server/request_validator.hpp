#pragma once
/// @file request_validator.hpp
/// Rules of the site's own for POST register-email/.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace waxseal::server {

/// A request that is well formed: signed in, its address accepted by `register_email.email_policy`.
struct RegisterEmailRequest {
  std::string account_id;     ///< As text, whatever the column's type.
  std::string current_email;  ///< The address in force. May be empty.
  std::string email;          ///< The address that is asked for.
  /// Every other member of the body that is a text, by name, as sent: untrusted. Members of other types are left out.
  std::map<std::string, std::string> other_fields;
};

/// Takes the place of DRR's REGISTER_EMAIL_SERIALIZER_CLASS.
class RequestValidator {
 public:
  /// Names of fields with what is wrong with each: `{{"email", {"Use your company's address."}}}`.
  using Problems = std::vector<std::pair<std::string, std::vector<std::string>>>;

  virtual ~RequestValidator() = default;

  /// What is wrong with the request; nothing: it goes on. A problem is answered with 400 `invalid-fields` in the shape
  /// `{"email": ["…"]}`, and nothing is written. Called from any thread, several at once. An exception is answered 500.
  /// Not asked: whether the address is taken, for no answer may tell.
  virtual Problems validate(const RegisterEmailRequest& request) const = 0;
};

}  // namespace waxseal::server
