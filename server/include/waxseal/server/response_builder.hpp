#pragma once
/// @file response_builder.hpp
/// What a client is told when its request succeeded.

#include <string>
#include <string_view>

namespace waxseal::server {

/// A request that succeeded, with the built-in answer to it.
struct Success {
  enum class Route { register_email, verify_email, undo_email };
  Route route;
  std::string_view detail;  ///< "Email verified successfully". Static.
  std::string_view code;    ///< "verified", "already-verified"; empty where there is one way to succeed.
};

/// An answer to send. Its headers are the built-in ones.
struct SuccessResponse {
  int status = 200;       ///< 200 to 299; another one is answered 500.
  std::string json_body;  ///< A JSON document. Empty: no body.
};

/// Takes the place of DRR's SUCCESS_RESPONSE_BUILDER. The header `Waxseal-Code` stays, so that pages that use the npm
/// package need not know the body.
class ResponseBuilder {
 public:
  virtual ~ResponseBuilder() = default;
  /// Called from any thread, several at once, after the change was made: an exception is answered 500 and undoes nothing.
  virtual SuccessResponse build(const Success& success) const = 0;
};

}  // namespace waxseal::server
