#include "service.hpp"

namespace waxseal::server {

Service::Service(Application& application, StorageEngine& storage, LinkKeys& keys,
                 std::unique_ptr<TokenVerifier> token_verifier, ServiceOptions options)
    : application_(application),
      storage_(storage),
      keys_(keys),
      token_verifier_(std::move(token_verifier)),
      options_(std::move(options)),
      metrics_(WAXSEAL_VERSION) {
  api_.add_routes(router_);
  if (options_.demo) demo_routes_.add_routes(router_);
}

/// One lane, too, for a sender of the site's own, which is made once.
std::vector<Service::MailLane> Service::make_mail_lanes() {
  const std::size_t count = extensions_.mail_sender ? 1 : mail_workers_of(application_.settings());
  std::vector<MailLane> lanes;
  while (lanes.size() < count) {
    std::shared_ptr<MailSender> sender =
        extensions_.mail_sender ? extensions_.mail_sender : application_.make_mail_sender();
    auto deliver = std::make_unique<DeliverMail>(
        application_.policy(), mail_policy_, application_.rules(), issuer_,
        DeliverMail::Ports{store_, outbox_, templates_, time_words_, composer_, *sender, application_.clock(),
                           application_.random(), application_.log(), metrics_});
    lanes.push_back({std::move(sender), std::move(deliver)});
  }
  return lanes;
}

std::vector<MailWorker::DeliverNext> Service::deliveries() {
  std::vector<MailWorker::DeliverNext> deliveries;
  for (const MailLane& lane : mail_lanes_) {
    deliveries.push_back([&deliver = *lane.deliver] { return deliver.deliver_next(); });
  }
  return deliveries;
}

/// The change is done whatever the observer does: what it throws is the operator's to know.
void Service::tell(const EmailChange& change) {
  event_worker_.wake();
  if (!extensions_.email_change_observer) return;
  try {
    extensions_.email_change_observer->email_changed(change);
  } catch (const std::exception& error) {
    application_.log().write(LogLevel::error, "exception in the observer of changes",
                             {{"user", change.account_id}, {"reason", error.what()}});
  } catch (...) {
    application_.log().write(LogLevel::error, "exception in the observer of changes", {{"user", change.account_id}});
  }
}

/// Queued with each change where there is a webhook.
std::optional<EventOrder> Service::order_event(EmailChange::Reason reason) {
  if (!event_sender_) return std::nullopt;
  return EventOrder{reason, application_.random().hex(16)};
}

void Service::run() {
  if (admin_) admin_->start();
  server_.run();
  mail_worker_.stop();
  event_worker_.stop();
  if (admin_) admin_->stop();
}

Result<std::string> Service::bind() {
  if (options_.demo && !options_.demo_pages.empty()) {
    const auto pages = server_.serve_pages(demo_pages(options_.demo_pages));
    if (!pages) return tl::make_unexpected(pages.error());
  }
  if (!application_.settings().server.admin_listen.empty()) {
    admin_ = std::make_unique<AdminService>(AdminService::Watched{application_, storage_, keys_, metrics_, server_});
    const auto address = admin_->bind();
    if (!address) return address;
    application_.log().write(LogLevel::info, "admin listener", {{"address", "http://" + *address}});
  }
  return server_.bind();
}

}  // namespace waxseal::server
