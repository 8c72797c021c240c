#pragma once
/// @file admin_api.hpp
/// The routes of the admin listener: what a machine that watches asks for. None of them changes anything.

#include <functional>
#include <string>
#include <vector>

#include <waxseal/error.hpp>

#include "http/router.hpp"

namespace waxseal::server {

/// One thing without which requests cannot be served.
struct ReadinessCheck {
  std::string name;
  std::function<Result<void>()> passes;  ///< Its `log_detail` is shown. Any thread; does not throw.
};

struct ReadinessOutcome {
  std::string name;
  Result<void> passed;
};

/// Makes every check, whatever the others say.
std::vector<ReadinessOutcome> make_checks(const std::vector<ReadinessCheck>& checks);

class AdminApi {
 public:
  /// @param metrics  Writes the text that Prometheus reads.
  AdminApi(std::vector<ReadinessCheck> checks, std::function<std::string()> metrics)
      : checks_(std::move(checks)), metrics_(std::move(metrics)) {}

  /// `/metrics`, `/healthz`, and `/readyz` with reasons. The router must not outlive this object.
  void add_routes(Router& router);

 private:
  HttpResponse readyz() const;

  std::vector<ReadinessCheck> checks_;
  std::function<std::string()> metrics_;
};

}  // namespace waxseal::server
