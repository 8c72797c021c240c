#pragma once
/// @file standard_webhook.hpp
/// The body and the headers of a webhook, as Standard Webhooks 1.0 has them (https://www.standardwebhooks.com).

#include <string>
#include <vector>

#include <waxseal/bytes.hpp>
#include <waxseal/expiry.hpp>

#include "ports/event_sender.hpp"

namespace waxseal::server {

/// `{"type":"user.email_changed","timestamp":…,"data":{…}}`: the same bytes for every attempt. The timestamp is that of the
/// change, RFC 3339 in UTC. Bytes of an old address that are not UTF-8 are replaced.
std::string webhook_body(const EmailChange& change);

/// `webhook-id`, `webhook-timestamp` and `webhook-signature` as lines of a header. @param sent_at  Of this attempt: receivers
/// refuse a message that is minutes old.
std::vector<std::string> webhook_headers(const std::string& id, UnixTime sent_at, const std::string& body,
                                         const Bytes& secret);

}  // namespace waxseal::server
