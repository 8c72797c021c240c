#include "adapters/webhook/webhook_sender.hpp"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/webhook/public_address.hpp"
#include "adapters/webhook/standard_webhook.hpp"
#include "ports/one_line.hpp"

namespace waxseal::server {
namespace {

/// What is read of an answer, for the reason of a failure. More ends the transfer: its status is known by then.
constexpr std::size_t most_answer_bytes = 16384;
constexpr std::size_t most_quoted_bytes = 200;
constexpr long gone = 410;

}  // namespace

struct WebhookSender::Request {
  std::string body;
  curl_slist* headers = nullptr;
  const WebhookSettings& settings;
  const std::atomic<bool>& stopping;
  std::string answer = {};
  std::string refused_address = {};
  char error[CURL_ERROR_SIZE] = {};

  Request(std::string its_body, const WebhookSettings& its_settings, const std::atomic<bool>& is_stopping)
      : body(std::move(its_body)), settings(its_settings), stopping(is_stopping) {}
  ~Request() { curl_slist_free_all(headers); }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  void add_header(const std::string& line) { headers = curl_slist_append(headers, line.c_str()); }

  /// Sees the address that is really about to be connected to: a name may lead elsewhere each time it is asked.
  static curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
    auto& self = *static_cast<Request*>(user);
    if (!self.settings.host_is_allowed && !is_public_address(address->addr)) {
      self.refused_address = text_of_address(address->addr);
      return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  static std::size_t keep(char* data, std::size_t size, std::size_t count, void* user) {
    auto& self = *static_cast<Request*>(user);
    if (self.answer.size() + size * count > most_answer_bytes) return 0;
    self.answer.append(data, size * count);
    return size * count;
  }

  static int is_to_be_ended(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Request*>(user)->stopping ? 1 : 0;
  }
};

WebhookSender::WebhookSender(WebhookSettings settings, const Clock& clock)
    : settings_(std::move(settings)), clock_(clock), easy_(curl_easy_init(), curl_easy_cleanup) {}

WebhookSender::~WebhookSender() = default;

void WebhookSender::configure(Request& request) {
  CURL* easy = easy_.get();
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, settings_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, settings_.host_is_allowed ? "https,http" : "https");
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // a proxy would connect where we may not look
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);  // an old connection was judged by the rules of then
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, Request::open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &request);
  const auto timeout = static_cast<long>(settings_.timeout.count());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, timeout);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, timeout);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request.headers);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "waxseal");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Request::keep);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &request);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request.error);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, Request::is_to_be_ended);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &request);
}

tl::expected<void, SendFailure> WebhookSender::send(const Event& event) {
  const auto failed = [](SendFailure::Kind kind, const std::string& reason, std::chrono::seconds retry_after = {}) {
    return tl::make_unexpected(SendFailure{kind, "webhook: " + reason, retry_after});
  };
  Request request{webhook_body(event.change), settings_, stopping_};
  for (const std::string& line : webhook_headers(event.id, clock_.now(), request.body, settings_.secret)) {
    request.add_header(line);
  }
  request.add_header("Content-Type: application/json");
  request.add_header("Expect:");  // curl would wait a second for a 100 Continue
  configure(request);
  const CURLcode result = curl_easy_perform(easy_.get());

  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return {};
  if (status == gone)
    return failed(SendFailure::Kind::permanent, "the receiver answered 410 Gone: it wants no more of this");
  if (status >= 300 && status < 400) {
    return failed(SendFailure::Kind::temporary,
                  "the receiver answered " + std::to_string(status) +
                      ", a redirect, which is not followed: set webhooks.url to where it leads");
  }
  if (status != 0) {
    curl_off_t retry_after_s = 0;  // seconds or a date: curl reads both
    curl_easy_getinfo(easy_.get(), CURLINFO_RETRY_AFTER, &retry_after_s);
    const std::string said = in_one_line(request.answer.substr(0, most_quoted_bytes));
    return failed(SendFailure::Kind::temporary,
                  "the receiver answered " + std::to_string(status) + (said.empty() ? "" : ": " + said),
                  std::chrono::seconds{retry_after_s});
  }
  if (!request.refused_address.empty()) {
    return failed(SendFailure::Kind::temporary,
                  "the host leads to " + request.refused_address +
                      ", which is not public: name it in webhooks.allow_hosts if that is right");
  }
  return failed(SendFailure::Kind::temporary, request.error[0] != '\0' ? request.error : curl_easy_strerror(result));
}

}  // namespace waxseal::server
