// What Prometheus reads: everything from the start, and nothing that grows with who calls.

#include "adapters/prometheus/prometheus_metrics.hpp"

#include <sstream>

#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;

namespace {

constexpr UnixTime noon = from_unix_s(1700000000);

/// The value of a series, as text; empty if it is not there.
std::string value_of(PrometheusMetrics& metrics, const std::string& series, Levels levels = {}) {
  std::istringstream text{metrics.text(levels)};
  for (std::string line; std::getline(text, line);) {
    if (line.rfind(series + " ", 0) == 0) return line.substr(series.size() + 1);
  }
  return "";
}

std::size_t series_in(PrometheusMetrics& metrics) {
  const std::string text = metrics.text({});
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("Every step, refusal and outcome is there with 0 before it happens, so that the first one is a rise") {
  PrometheusMetrics metrics{"1.2.3"};
  for (const char* step : {"requested", "mailed", "verified", "verified-again", "undone"}) {
    CHECK(value_of(metrics, "waxseal_links_total{step=\"" + std::string{step} + "\"}") == "0");
  }
  for (const char* purpose : {"register-email", "undo-email"}) {
    for (const char* reason : {"signature-invalid", "signature-expired", "user-not-found", "email-already-registered",
                               "link-superseded", "link-used", "link-cancelled", "change-undone"}) {
      CHECK(value_of(metrics, "waxseal_links_refused_total{purpose=\"" + std::string{purpose} + "\",reason=\"" +
                                  reason + "\"}") == "0");
    }
  }
  for (const char* outcome : {"sent", "not-wanted", "delayed", "given-up"}) {
    CHECK(value_of(metrics,
                   "waxseal_outbox_attempts_total{outcome=\"" + std::string{outcome} + "\",queue=\"mails\"}") == "0");
  }
  CHECK(value_of(metrics, "waxseal_build_info{version=\"1.2.3\"}") == "1");
}

TEST_CASE("What happens is counted under its own labels and no other") {
  PrometheusMetrics metrics{"1"};
  metrics.link_step(LinkStep::verified);
  metrics.link_step(LinkStep::verified);
  metrics.link_refused(Purpose::undo_email, ErrorCode::change_undone);
  metrics.attempted(OutboxQueue::events, AttemptOutcome::given_up);
  CHECK(value_of(metrics, R"(waxseal_links_total{step="verified"})") == "2");
  CHECK(value_of(metrics, R"(waxseal_links_total{step="verified-again"})") == "0");
  CHECK(value_of(metrics, R"(waxseal_links_refused_total{purpose="undo-email",reason="change-undone"})") == "1");
  CHECK(value_of(metrics, R"(waxseal_links_refused_total{purpose="register-email",reason="change-undone"})") == "0");
  CHECK(value_of(metrics, R"(waxseal_outbox_attempts_total{outcome="given-up",queue="events"})") == "1");
  CHECK(value_of(metrics, R"(waxseal_outbox_attempts_total{outcome="given-up",queue="mails"})") == "0");
}

TEST_CASE("Answers are counted by route, status and code, and timed by route") {
  PrometheusMetrics metrics{"1"};
  metrics.request_answered({"/verify/", 200, "", std::chrono::microseconds{1500}});
  metrics.request_answered({"/verify/", 400, "link-used", std::chrono::milliseconds{40}});
  metrics.request_answered({"", 404, "not-found", std::chrono::seconds{20}});
  CHECK(value_of(metrics, R"(waxseal_http_requests_total{code="",route="/verify/",status="200"})") == "1");
  CHECK(value_of(metrics, R"(waxseal_http_requests_total{code="link-used",route="/verify/",status="400"})") == "1");
  CHECK(value_of(metrics, R"(waxseal_http_requests_total{code="not-found",route="none",status="404"})") == "1");
  const std::string bucket = R"(waxseal_http_request_duration_seconds_bucket{route="/verify/",le=)";
  CHECK(value_of(metrics, bucket + R"("0.001"})") == "0");
  CHECK(value_of(metrics, bucket + R"("0.0025"})") == "1");
  CHECK(value_of(metrics, bucket + R"("0.05"})") == "2");
  CHECK(value_of(metrics, R"(waxseal_http_request_duration_seconds_bucket{route="none",le="10"})") == "0");
  CHECK(value_of(metrics, R"(waxseal_http_request_duration_seconds_count{route="none"})") == "1");
}

TEST_CASE("However many answers there are, the number of series is that of routes and codes") {
  PrometheusMetrics metrics{"1"};
  metrics.request_answered({"", 404, "not-found", {}});
  const std::size_t before = series_in(metrics);
  for (int i = 0; i < 100; ++i) metrics.request_answered({"", 404, "not-found", std::chrono::microseconds{i}});
  CHECK(series_in(metrics) == before);
}

TEST_CASE("Levels are those of the moment; what could not be found out is no number") {
  PrometheusMetrics metrics{"1"};
  Levels levels;
  levels.now = noon;
  levels.mails = OutboxDepth{3, noon - std::chrono::seconds{90}};
  levels.threads = {5, 64, 0};
  levels.database = {8, 8, 2};
  levels.ready = {{"storage", false}, {"keys", true}};
  CHECK(value_of(metrics, R"(waxseal_outbox_waiting{queue="mails"})", levels) == "3");
  CHECK(value_of(metrics, R"(waxseal_outbox_oldest_age_seconds{queue="mails"})", levels) == "90");
  CHECK(value_of(metrics, R"(waxseal_outbox_waiting{queue="events"})", levels) == "Nan");
  CHECK(value_of(metrics, R"(waxseal_pool_in_use{pool="threads"})", levels) == "5");
  CHECK(value_of(metrics, R"(waxseal_pool_size{pool="threads"})", levels) == "64");
  CHECK(value_of(metrics, R"(waxseal_pool_waiting{pool="database"})", levels) == "2");
  CHECK(value_of(metrics, R"(waxseal_ready{check="storage"})", levels) == "0");
  CHECK(value_of(metrics, R"(waxseal_ready{check="keys"})", levels) == "1");
  levels.mails = OutboxDepth{};
  CHECK(value_of(metrics, R"(waxseal_outbox_oldest_age_seconds{queue="mails"})", levels) == "0");
}
