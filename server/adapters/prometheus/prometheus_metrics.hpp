#pragma once
/// @file prometheus_metrics.hpp
/// Counts for Prometheus, and writes its text format. What is counted is there from the start, with 0: the first failure of a
/// kind is a rise, too.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ports/metrics.hpp"
#include "ports/outbox_admin.hpp"

namespace waxseal::server {

/// What is not counted but looked up when somebody asks. Nothing: it could not be found out.
struct Levels {
  std::optional<OutboxDepth> mails;
  std::optional<OutboxDepth> events;
  PoolUse database;
  PoolUse threads;
  std::vector<std::pair<std::string, bool>> ready;  ///< Checks by name, and whether they passed.
  UnixTime now;
};

class PrometheusMetrics final : public Metrics {
 public:
  /// @param version  Of the program.
  explicit PrometheusMetrics(const std::string& version);
  ~PrometheusMetrics() override;

  void request_answered(const AnsweredRequest& request) override;
  void link_step(LinkStep step) override;
  void link_refused(Purpose purpose, ErrorCode reason) override;
  void attempted(OutboxQueue queue, AttemptOutcome outcome) override;

  /// Everything, in the text format 0.0.4.
  std::string text(const Levels& levels);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace waxseal::server
