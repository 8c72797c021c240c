#include "adapters/smtp/smtp_sender.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>

namespace waxseal::server {
namespace {

/// Relays close idle connections after a minute or more (RFC 5321 asks for five): never reuse one that may be closed.
constexpr long oldest_reused_connection_s = 30;

/// Once the message is on its way a stop waits this long for the relay's answer: without it, the mail might go out twice.
constexpr std::chrono::seconds grace_after_data{5};

struct Source {
  const std::string& bytes;
  std::size_t position = 0;
};

/// What curl asks about now and then while it waits.
struct Progress {
  const std::atomic<bool>& stopping;
  const Source& source;
  std::optional<std::chrono::steady_clock::time_point> stop_seen = std::nullopt;
};

/// Not 0: end the transfer.
int is_to_be_ended(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& progress = *static_cast<Progress*>(user);
  if (!progress.stopping) return 0;
  const auto now = std::chrono::steady_clock::now();
  if (!progress.stop_seen) progress.stop_seen = now;
  return progress.source.position == 0 || now - *progress.stop_seen >= grace_after_data ? 1 : 0;
}

std::size_t read_source(char* out, std::size_t size, std::size_t count, void* user) {
  auto& source = *static_cast<Source*>(user);
  const std::size_t length = std::min(size * count, source.bytes.size() - source.position);
  std::memcpy(out, source.bytes.data() + source.position, length);
  source.position += length;
  return length;
}

/// curl passes line breaks and brackets in addresses on to the relay: they must not get that far.
bool is_safe_for_envelope(const std::string& address) {
  return !address.empty() && std::all_of(address.begin(), address.end(),
                                         [](char c) { return c > 0x20 && c < 0x7f && c != '<' && c != '>'; });
}

/// CR and LF only as pairs: a bare one is how mails are smuggled past a relay.
bool has_only_crlf(const std::string& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n')) return false;
    if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) return false;
  }
  return true;
}

SendFailure::Kind kind_of(long smtp_status) {
  return smtp_status >= 500 && smtp_status < 600 ? SendFailure::Kind::permanent : SendFailure::Kind::temporary;
}

}  // namespace

struct SmtpSender::Connection {
  CURL* easy = curl_easy_init();
  curl_slist* recipients = nullptr;
  char error[CURL_ERROR_SIZE] = {};

  Connection() = default;
  ~Connection() {
    curl_slist_free_all(recipients);
    curl_easy_cleanup(easy);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
};

SmtpSender::SmtpSender(SmtpSettings settings)
    : settings_(std::move(settings)), connection_(std::make_unique<Connection>()) {}

SmtpSender::~SmtpSender() = default;

void SmtpSender::configure(const Message& message) {
  CURL* easy = connection_->easy;
  curl_easy_reset(easy);  // options only: the connection stays open for reuse
  curl_easy_setopt(easy, CURLOPT_URL, settings_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(easy, CURLOPT_USE_SSL, settings_.tls_required ? CURLUSESSL_ALL : CURLUSESSL_NONE);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (settings_.ca_file) curl_easy_setopt(easy, CURLOPT_CAINFO, settings_.ca_file->c_str());
  if (settings_.user) {
    curl_easy_setopt(easy, CURLOPT_USERNAME, settings_.user->c_str());
    curl_easy_setopt(easy, CURLOPT_PASSWORD, settings_.password.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // a mail never goes through an HTTP proxy of the environment
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings_.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, static_cast<long>(settings_.whole_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, oldest_reused_connection_s);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, connection_->error);
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);  // without it curl sends VRFY, mails nothing and reports success
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, ("<" + message.envelope_from + ">").c_str());
  curl_slist_free_all(connection_->recipients);
  connection_->recipients = curl_slist_append(nullptr, ("<" + message.envelope_to + ">").c_str());
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, connection_->recipients);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_source);
}

tl::expected<void, SendFailure> SmtpSender::send(const Message& message) {
  if (!is_safe_for_envelope(message.envelope_from) || !is_safe_for_envelope(message.envelope_to) ||
      !has_only_crlf(message.bytes)) {
    return tl::make_unexpected(SendFailure{SendFailure::Kind::permanent, "not fit for SMTP: an address or a line end"});
  }
  configure(message);
  Source source{message.bytes};
  Progress progress{stopping_, source};
  curl_easy_setopt(connection_->easy, CURLOPT_READDATA, &source);
  curl_easy_setopt(connection_->easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(connection_->easy, CURLOPT_XFERINFOFUNCTION, is_to_be_ended);
  curl_easy_setopt(connection_->easy, CURLOPT_XFERINFODATA, &progress);
  connection_->error[0] = '\0';
  const CURLcode result = curl_easy_perform(connection_->easy);
  if (result == CURLE_OK) return {};

  long smtp_status = 0;
  curl_easy_getinfo(connection_->easy, CURLINFO_RESPONSE_CODE, &smtp_status);
  const char* detail = connection_->error[0] != '\0' ? connection_->error : curl_easy_strerror(result);
  // A refused login or certificate is the operator's to mend, not the mail's fault: try again later.
  const bool refused_mail = result == CURLE_SEND_ERROR || result == CURLE_WEIRD_SERVER_REPLY;
  return tl::make_unexpected(SendFailure{
      refused_mail ? kind_of(smtp_status) : SendFailure::Kind::temporary,
      "smtp: " + std::string{detail} + (smtp_status != 0 ? " (status " + std::to_string(smtp_status) + ")" : "")});
}

}  // namespace waxseal::server
