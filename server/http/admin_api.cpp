#include "http/admin_api.hpp"

#include <nlohmann/json.hpp>

#include "http/error_response.hpp"

namespace waxseal::server {

std::vector<ReadinessOutcome> make_checks(const std::vector<ReadinessCheck>& checks) {
  std::vector<ReadinessOutcome> outcomes;
  for (const ReadinessCheck& check : checks) outcomes.push_back({check.name, check.passes()});
  return outcomes;
}

void AdminApi::add_routes(Router& router) {
  router.add("GET", "/metrics", [this](const HttpRequest&) {
    HttpResponse response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = metrics_();
    return response;
  });
  router.add("GET", "/healthz", [](const HttpRequest&) { return status_response("ok"); });
  router.add("GET", "/readyz", [this](const HttpRequest&) { return readyz(); });
}

/// Unlike the public one it says why: whoever reaches this listener is the operator.
HttpResponse AdminApi::readyz() const {
  auto checks = nlohmann::ordered_json::array();
  bool ready = true;
  for (const ReadinessOutcome& outcome : make_checks(checks_)) {
    nlohmann::ordered_json check{{"name", outcome.name}, {"ok", outcome.passed.has_value()}};
    if (!outcome.passed) check["reason"] = outcome.passed.error().log_detail;
    ready = ready && outcome.passed;
    checks.push_back(std::move(check));
  }
  HttpResponse response =
      ready ? HttpResponse{} : error_response({ErrorCode::unavailable, "a check of readiness failed"});
  const nlohmann::ordered_json body{{"status", ready ? "ready" : "not ready"}, {"checks", std::move(checks)}};
  response.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return response;
}

}  // namespace waxseal::server
