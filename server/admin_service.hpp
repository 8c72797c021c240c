#pragma once
/// @file admin_service.hpp
/// The second listener, for machines that watch: metrics, and readiness with reasons. It has two threads of its own, so that it
/// answers when those of the public one are used up.

#include <string>
#include <thread>
#include <vector>

#include "adapters/prometheus/prometheus_metrics.hpp"
#include "application.hpp"
#include "http/admin_api.hpp"
#include "http/http_server.hpp"

namespace waxseal::server {

class AdminService {
 public:
  /// All of it outlives the service.
  struct Watched {
    Application& application;
    StorageEngine& storage;
    LinkKeys& keys;
    PrometheusMetrics& metrics;
    const HttpServer& server;  ///< The public one.
  };

  explicit AdminService(const Watched& watched);
  ~AdminService() { stop(); }
  AdminService(const AdminService&) = delete;
  AdminService& operator=(const AdminService&) = delete;

  /// See HttpServer. Call it before `start`.
  Result<std::string> bind() { return server_.bind(); }

  /// Answers in a thread of its own.
  void start();
  void stop();

 private:
  std::vector<ReadinessCheck> readiness_checks();
  std::string metrics_text();

  Watched watched_;
  std::vector<ReadinessCheck> checks_ = readiness_checks();
  AdminApi api_{checks_, [this] { return metrics_text(); }};
  Router router_;
  HttpServer server_;
  std::thread thread_;
};

}  // namespace waxseal::server
