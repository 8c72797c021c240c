#pragma once
/// @file api.hpp
/// The product's routes: decodes, asks a flow, answers.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <waxseal/server/request_validator.hpp>
#include <waxseal/server/response_builder.hpp>

#include "flows/authenticate.hpp"
#include "flows/link_policy.hpp"
#include "flows/register_email.hpp"
#include "flows/undo_email.hpp"
#include "flows/verify_email.hpp"
#include "http/error_response.hpp"
#include "http/router.hpp"
#include "ports/account_store.hpp"
#include "ports/link_keys.hpp"
#include "ports/metrics.hpp"

namespace waxseal::server {

struct ApiSettings {
  std::string base_path;
  std::string path_before_routes() const { return base_path == "/" ? "" : base_path; }
  std::string non_field_errors_key;  ///< Empty: refusals stand under `detail`.
  std::string default_language;
  std::vector<std::string> languages;  ///< That mails are written in.
  std::string proxy_header;            ///< In which a trusted proxy names the account, in lower case; empty: none.
  std::vector<AuthenticationScheme> schemes;  ///< Of `register-email`, for its description.
};

class Api {
 public:
  struct Ports {
    AccountStore& accounts;
    LinkKeys& keys;
    Authenticate& authenticate;
    RegisterEmail& register_email;
    VerifyEmail& verify_email;
    UndoEmail& undo_email;
    const RequestValidator* request_validator = nullptr;  ///< None: no rules but the product's.
    const ResponseBuilder* response_builder = nullptr;    ///< None: the product's own answers.
    Metrics& metrics = no_metrics;
  };

  Api(ApiSettings settings, const LinkPolicy& policy, const EmailRules& rules, Ports ports)
      : settings_(std::move(settings)), policy_(policy), rules_(rules), ports_(ports) {}

  /// Adds the routes of the contract. The router must not outlive this object.
  void add_routes(Router& router);

 private:
  HttpResponse register_email(const HttpRequest& request);
  HttpResponse verify_email(const HttpRequest& request);
  HttpResponse undo_email(const HttpRequest& request);
  Credentials credentials_of(const HttpRequest& request) const;
  HttpResponse refused_request(const RequestRefusal& refused) const;
  HttpResponse unauthenticated(const AuthenticationFailure& failure) const;
  HttpResponse jwks();
  std::string language_of(const HttpRequest& request) const;
  HttpResponse readyz();
  FieldErrors judge(const Account& account, const std::string& email, const nlohmann::json& body) const;
  HttpResponse success(const Success& success) const;
  HttpResponse refusal(const Error& error) const;
  HttpResponse refused_link(Purpose purpose, const Error& error) const;

  ApiSettings settings_;
  const LinkPolicy& policy_;
  const EmailRules& rules_;
  Ports ports_;
};

}  // namespace waxseal::server
