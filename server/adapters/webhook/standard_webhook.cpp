#include "adapters/webhook/standard_webhook.hpp"

#include <ctime>

#include <nlohmann/json.hpp>

#include <waxseal/hmac.hpp>

namespace waxseal::server {
namespace {

std::string rfc3339(UnixTime time) {
  const std::time_t unix_s = to_unix_s(time);
  std::tm utc{};
  gmtime_r(&unix_s, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

}  // namespace

std::string webhook_body(const EmailChange& change) {
  const nlohmann::ordered_json body{{"type", "user.email_changed"},
                                    {"timestamp", rfc3339(change.at)},
                                    {"data",
                                     {{"user_id", change.account_id},
                                      {"old_email", change.old_email},
                                      {"new_email", change.new_email},
                                      {"reason", name_of(change.reason)}}}};
  return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::vector<std::string> webhook_headers(const std::string& id, UnixTime sent_at, const std::string& body,
                                         const Bytes& secret) {
  const std::string timestamp = to_text(sent_at);
  const ByteArray<32> mac = hmac_sha256(secret, id + "." + timestamp + "." + body);
  return {"webhook-id: " + id, "webhook-timestamp: " + timestamp,
          "webhook-signature: v1," + encode_base64(mac.data(), mac.size())};
}

}  // namespace waxseal::server
