#pragma once
/// @file webhook_sender.hpp
/// Events by HTTP POST to the site's own program, signed, by libcurl.

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <waxseal/bytes.hpp>

#include "ports/clock.hpp"
#include "ports/event_sender.hpp"

namespace waxseal::server {

struct WebhookSettings {
  std::string url;                   ///< `https://…`; `http://…` only where the host is allowed by name.
  Bytes secret;                      ///< Never logged.
  bool host_is_allowed = false;      ///< Named in `webhooks.allow_hosts`: it may be private, and without TLS.
  std::chrono::seconds timeout{15};  ///< For the whole request.
};

class WebhookSender final : public EventSender {
 public:
  WebhookSender(WebhookSettings settings, const Clock& clock);
  ~WebhookSender() override;

  /// 2xx: told. 410 Gone: the receiver wants no more of this, a permanent failure. Anything else, a redirect too, which is
  /// never followed: a temporary one, after which a Retry-After is passed on. An address that is not public is not connected to, whatever name led there.
  tl::expected<void, SendFailure> send(const Event& event) override;
  void stop() override { stopping_ = true; }

 private:
  struct Request;
  void configure(Request& request);

  WebhookSettings settings_;
  const Clock& clock_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<void, void (*)(void*)> easy_;
};

}  // namespace waxseal::server
