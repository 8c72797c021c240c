#include "adapters/prometheus/prometheus_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <limits>
#include <map>
#include <mutex>
#include <sstream>
#include <unordered_map>

namespace waxseal::server {
namespace {

/// Seconds. An answer takes a few milliseconds; beyond ten seconds nobody waits.
const prometheus::Histogram::BucketBoundaries duration_bounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                                 0.1,   0.25,   0.5,   1,    2.5,   10};

constexpr std::array steps = {LinkStep::requested, LinkStep::mailed, LinkStep::verified, LinkStep::verified_again,
                              LinkStep::undone};
constexpr std::array outcomes = {AttemptOutcome::sent, AttemptOutcome::not_wanted, AttemptOutcome::delayed,
                                 AttemptOutcome::given_up};
constexpr std::array queues = {OutboxQueue::mails, OutboxQueue::events};
constexpr std::array purposes = {Purpose::register_email, Purpose::undo_email};
/// What a link is refused for. Others (the storage does not answer) are counted once they happen.
constexpr std::array reasons = {ErrorCode::signature_invalid, ErrorCode::signature_expired,
                                ErrorCode::user_not_found,    ErrorCode::email_already_registered,
                                ErrorCode::link_superseded,   ErrorCode::link_used,
                                ErrorCode::link_cancelled,    ErrorCode::change_undone};

std::string name_of(LinkStep step) {
  switch (step) {
    case LinkStep::requested: break;
    case LinkStep::mailed: return "mailed";
    case LinkStep::verified: return "verified";
    case LinkStep::verified_again: return "verified-again";
    case LinkStep::undone: return "undone";
  }
  return "requested";
}

std::string name_of(AttemptOutcome outcome) {
  switch (outcome) {
    case AttemptOutcome::sent: break;
    case AttemptOutcome::not_wanted: return "not-wanted";
    case AttemptOutcome::delayed: return "delayed";
    case AttemptOutcome::given_up: return "given-up";
  }
  return "sent";
}

std::string name_of(OutboxQueue queue) { return queue == OutboxQueue::mails ? "mails" : "events"; }

}  // namespace

struct PrometheusMetrics::Families {
  prometheus::Family<prometheus::Counter>& counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  prometheus::Family<prometheus::Gauge>& gauges(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }

  prometheus::Registry registry;
  prometheus::Family<prometheus::Gauge>& build = gauges("waxseal_build_info", "1, with the version of the program.");
  prometheus::Family<prometheus::Counter>& requests =
      counters("waxseal_http_requests_total", "Answers, by the route that matched, status and code of a refusal.");
  prometheus::Family<prometheus::Histogram>& durations = prometheus::BuildHistogram()
                                                             .Name("waxseal_http_request_duration_seconds")
                                                             .Help("From the read request to the answer, by route.")
                                                             .Register(registry);
  prometheus::Family<prometheus::Counter>& links = counters("waxseal_links_total", "Steps of links that went well.");
  prometheus::Family<prometheus::Counter>& refusals =
      counters("waxseal_links_refused_total", "Pressed links that were refused, by what they were for and the reason.");
  prometheus::Family<prometheus::Counter>& attempts =
      counters("waxseal_outbox_attempts_total", "Attempts to hand over a mail or an event, by what became of them.");
  prometheus::Family<prometheus::Gauge>& waiting =
      gauges("waxseal_outbox_waiting", "Mails and events that wait, those that are tried again among them.");
  prometheus::Family<prometheus::Gauge>& oldest =
      gauges("waxseal_outbox_oldest_age_seconds", "How long the oldest of them has waited; 0 if there is none.");
  prometheus::Family<prometheus::Gauge>& pool_in_use =
      gauges("waxseal_pool_in_use", "Connections to the database and threads that answer, in use.");
  prometheus::Family<prometheus::Gauge>& pool_size = gauges("waxseal_pool_size", "As many as there may be.");
  prometheus::Family<prometheus::Gauge>& pool_waiting =
      gauges("waxseal_pool_waiting", "Threads that wait for a connection to the database.");
  prometheus::Family<prometheus::Gauge>& ready = gauges("waxseal_ready", "1 if the check of readiness passed, else 0.");

  std::mutex mutex;  // of the two below: looking a child up in a family makes a new one each time
  std::unordered_map<std::string, prometheus::Counter*> counted_requests;
  std::unordered_map<std::string, prometheus::Histogram*> timed_routes;
};

PrometheusMetrics::PrometheusMetrics(const std::string& version) : families_(std::make_unique<Families>()) {
  families_->build.Add({{"version", version}}).Set(1);
  for (const LinkStep step : steps) families_->links.Add({{"step", name_of(step)}});
  for (const Purpose purpose : purposes) {
    for (const ErrorCode reason : reasons) {
      families_->refusals.Add(
          {{"purpose", std::string{wire_name(purpose)}}, {"reason", std::string{wire_name(reason)}}});
    }
  }
  for (const OutboxQueue queue : queues) {
    for (const AttemptOutcome outcome : outcomes) {
      families_->attempts.Add({{"queue", name_of(queue)}, {"outcome", name_of(outcome)}});
    }
  }
}

PrometheusMetrics::~PrometheusMetrics() = default;

void PrometheusMetrics::request_answered(const AnsweredRequest& request) {
  const std::string route{request.route.empty() ? "none" : request.route};
  const std::string status = std::to_string(request.status);
  const std::string code{request.code};
  const std::lock_guard lock{families_->mutex};
  prometheus::Counter*& counter = families_->counted_requests[route + ' ' + status + ' ' + code];
  if (counter == nullptr) {
    counter = &families_->requests.Add({{"route", route}, {"status", status}, {"code", code}});
  }
  prometheus::Histogram*& histogram = families_->timed_routes[route];
  if (histogram == nullptr) histogram = &families_->durations.Add({{"route", route}}, duration_bounds);
  counter->Increment();
  histogram->Observe(std::chrono::duration<double>(request.took).count());
}

void PrometheusMetrics::link_step(LinkStep step) { families_->links.Add({{"step", name_of(step)}}).Increment(); }

void PrometheusMetrics::link_refused(Purpose purpose, ErrorCode reason) {
  families_->refusals.Add({{"purpose", std::string{wire_name(purpose)}}, {"reason", std::string{wire_name(reason)}}})
      .Increment();
}

void PrometheusMetrics::attempted(OutboxQueue queue, AttemptOutcome outcome) {
  families_->attempts.Add({{"queue", name_of(queue)}, {"outcome", name_of(outcome)}}).Increment();
}

std::string PrometheusMetrics::text(const Levels& levels) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  const auto set_queue = [&](OutboxQueue queue, const std::optional<OutboxDepth>& depth) {
    const prometheus::Labels labels{{"queue", name_of(queue)}};
    const auto age = depth && depth->oldest ? levels.now - *depth->oldest : std::chrono::seconds{0};
    families_->waiting.Add(labels).Set(depth ? static_cast<double>(depth->waiting) : unknown);
    families_->oldest.Add(labels).Set(depth ? static_cast<double>(age.count()) : unknown);
  };
  const auto set_pool = [&](const char* name, const PoolUse& use) {
    const prometheus::Labels labels{{"pool", name}};
    families_->pool_in_use.Add(labels).Set(static_cast<double>(use.in_use));
    families_->pool_size.Add(labels).Set(static_cast<double>(use.most));
  };
  set_queue(OutboxQueue::mails, levels.mails);
  set_queue(OutboxQueue::events, levels.events);
  set_pool("database", levels.database);
  set_pool("threads", levels.threads);
  families_->pool_waiting.Add({{"pool", "database"}}).Set(static_cast<double>(levels.database.waiting));
  for (const auto& [check, passed] : levels.ready) families_->ready.Add({{"check", check}}).Set(passed ? 1 : 0);

  std::ostringstream text;
  prometheus::TextSerializer{}.Serialize(text, families_->registry.Collect());
  return text.str();
}

}  // namespace waxseal::server
