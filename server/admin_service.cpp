#include "admin_service.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t threads = 2;

/// The public listener's lines are about people; those of a scraper would bury them.
HttpServerSettings listener_of(const Settings& settings) {
  HttpServerSettings listener{settings.server.admin_listen, threads, {}, {}};
  listener.answered_level = LogLevel::debug;
  return listener;
}

std::optional<OutboxDepth> depth_of(OutboxAdmin& outbox, OutboxQueue queue) {
  auto depth = outbox.depth(queue);
  return depth ? std::optional{*depth} : std::nullopt;
}

}  // namespace

AdminService::AdminService(const Watched& watched)
    : watched_(watched),
      server_(listener_of(watched_.application.settings()), router_, watched_.application.log(),
              watched_.application.random()) {
  api_.add_routes(router_);
}

void AdminService::start() {
  thread_ = std::thread{[this] { server_.run(); }};
}

void AdminService::stop() {
  server_.stop();
  if (thread_.joinable()) thread_.join();
}

std::vector<ReadinessCheck> AdminService::readiness_checks() {
  return {{"storage", [this] { return watched_.storage.accounts().check_ready(); }},
          {"keys",
           [this]() -> Result<void> {
             if (!watched_.application.signs_links() || watched_.keys.current()->ring.newest() != nullptr) return {};
             return fail(ErrorCode::internal, "signing.keys_dir: no key is left to sign with: run `waxseal key new`");
           }},
          {"outbox", [this]() -> Result<void> {
             const auto depth = watched_.storage.outbox_admin().depth(OutboxQueue::mails);
             return depth ? Result<void>{} : tl::make_unexpected(depth.error());
           }}};
}

std::string AdminService::metrics_text() {
  Levels levels;
  levels.mails = depth_of(watched_.storage.outbox_admin(), OutboxQueue::mails);
  levels.events = depth_of(watched_.storage.outbox_admin(), OutboxQueue::events);
  levels.database = watched_.storage.connections();
  levels.threads = watched_.server.threads();
  for (const ReadinessOutcome& outcome : make_checks(checks_)) {
    levels.ready.emplace_back(outcome.name, outcome.passed.has_value());
  }
  levels.now = watched_.application.clock().now();
  return watched_.metrics.text(levels);
}

}  // namespace waxseal::server
