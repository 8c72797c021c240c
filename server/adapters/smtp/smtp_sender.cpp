#include "adapters/smtp/smtp_sender.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "adapters/smtp/smtp_trouble.hpp"

namespace waxseal::server {
namespace {

/// Relays close idle connections after a minute or more (RFC 5321 asks for five): never reuse one that may be closed.
constexpr long oldest_reused_connection_s = 30;

/// Once the message is on its way a stop waits this long for the relay's answer: without it, the mail might go out twice.
constexpr std::chrono::seconds grace_after_data{5};

constexpr std::size_t most_reply_bytes = 1000;

/// RFC 5321 section 3.8: what a relay says that closes an idle connection.
constexpr long closing_status = 421;

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

/// curl passes line breaks and brackets in addresses on to the relay: they must not get that far.
bool is_safe_for_envelope(const std::string& address) {
  return !address.empty() && std::all_of(address.begin(), address.end(),
                                         [](unsigned char c) { return c > 0x20 && c != 0x7f && c != '<' && c != '>'; });
}

/// CR and LF only as pairs: a bare one is how mails are smuggled past a relay.
bool has_only_crlf(const std::string& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n')) return false;
    if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) return false;
  }
  return true;
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

/// One mail's way over the connection, as curl tells it.
struct SmtpSender::Conversation {
  const std::string& bytes;
  const std::atomic<bool>& stopping;
  bool needs_smtputf8 = false;
  int greetings_to_come = 0;  ///< EHLO is answered once, and once more after STARTTLS.
  std::size_t position = 0;   ///< In `bytes`.
  std::string reply = {};     ///< The relay's last one but for a farewell, of several lines perhaps.
  bool reply_is_whole = true;
  bool smtputf8_is_missing = false;
  std::optional<std::chrono::steady_clock::time_point> stop_seen = std::nullopt;

  static std::size_t read(char* out, std::size_t size, std::size_t count, void* user) {
    auto& self = *static_cast<Conversation*>(user);
    const std::size_t length = std::min(size * count, self.bytes.size() - self.position);
    std::memcpy(out, self.bytes.data() + self.position, length);
    self.position += length;
    return length;
  }

  /// Not 0: end the transfer.
  static int is_to_be_ended(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& self = *static_cast<Conversation*>(user);
    if (!self.stopping) return 0;
    const auto now = std::chrono::steady_clock::now();
    if (!self.stop_seen) self.stop_seen = now;
    return self.position == 0 || now - *self.stop_seen >= grace_after_data ? 1 : 0;
  }

  /// A line of a reply. Another length than it has: end the transfer.
  static std::size_t hear(char* line, std::size_t size, std::size_t count, void* user) {
    auto& self = *static_cast<Conversation*>(user);
    const std::string_view heard{line, size * count};
    if (heard.substr(0, 3) == "221") return heard.size();  // to QUIT, and not why it came to that
    if (self.reply_is_whole) self.reply.clear();
    self.reply.append(heard.substr(0, most_reply_bytes - std::min(most_reply_bytes, self.reply.size())));
    self.reply_is_whole = heard.size() < 4 || heard[3] != '-';
    return self.reply_is_whole && self.judge_greeting() ? heard.size() + 1 : heard.size();
  }

  /// True if the relay has just said what it can do, and it is not enough: curl would send the address all the same.
  bool judge_greeting() {
    const bool answers_ehlo = reply.rfind("250", 0) == 0 && reply.find("\n250") != std::string::npos;
    if (!answers_ehlo || --greetings_to_come > 0 || !needs_smtputf8) return false;
    smtputf8_is_missing = reply.find("SMTPUTF8") == std::string::npos;
    return smtputf8_is_missing;
  }
};

SmtpSender::SmtpSender(SmtpSettings settings)
    : settings_(std::move(settings)), connection_(std::make_unique<Connection>()) {}

SmtpSender::~SmtpSender() = default;

/// What has nothing to do with any one mail.
void SmtpSender::configure_connection(Conversation& conversation) {
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
    curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
  }
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // a mail never goes through an HTTP proxy of the environment
  const auto step_timeout = static_cast<long>(settings_.step_timeout.count());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, step_timeout);
  curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, step_timeout);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT, 3 * step_timeout);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, oldest_reused_connection_s);
  connection_->error[0] = '\0';
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, connection_->error);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, Conversation::hear);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &conversation);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, Conversation::is_to_be_ended);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &conversation);
}

void SmtpSender::configure(const Message& message, Conversation& conversation) {
  configure_connection(conversation);
  CURL* easy = connection_->easy;
  curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);  // without it curl sends VRFY, mails nothing and reports success
  curl_easy_setopt(easy, CURLOPT_MAIL_FROM, ("<" + message.envelope_from + ">").c_str());
  curl_slist_free_all(connection_->recipients);
  connection_->recipients = curl_slist_append(nullptr, ("<" + message.envelope_to + ">").c_str());
  curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, connection_->recipients);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, Conversation::read);
  curl_easy_setopt(easy, CURLOPT_READDATA, &conversation);
}

tl::expected<void, SendFailure> SmtpSender::probe() {
  const std::string nothing;
  Conversation conversation{nothing, stopping_};
  configure_connection(conversation);
  CURL* easy = connection_->easy;
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "NOOP");
  curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);  // else curl prints the answer
  SmtpTrouble trouble;
  trouble.result = curl_easy_perform(easy);
  if (trouble.result == CURLE_OK) return {};
  return tl::make_unexpected(failure_of(explained(trouble, conversation)));
}

/// What curl and the relay said of it.
SmtpTrouble SmtpSender::explained(SmtpTrouble trouble, const Conversation& conversation) {
  CURL* easy = connection_->easy;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &trouble.smtp_status);
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &trouble.certificate_result);
  trouble.data_was_sent = conversation.position > 0;
  trouble.detail = connection_->error[0] != '\0' ? connection_->error : curl_easy_strerror(trouble.result);
  trouble.reply = conversation.reply;
  return trouble;
}

tl::expected<void, SendFailure> SmtpSender::send(const Message& message) {
  if (!is_safe_for_envelope(message.envelope_from) || !is_safe_for_envelope(message.envelope_to) ||
      !has_only_crlf(message.bytes)) {
    return tl::make_unexpected(SendFailure{SendFailure::Kind::permanent, "not fit for SMTP: an address or a line end"});
  }
  return send_over(message, Reuse::allowed);
}

tl::expected<void, SendFailure> SmtpSender::send_over(const Message& message, Reuse reuse) {
  CURL* easy = connection_->easy;
  Conversation conversation{message.bytes, stopping_};
  conversation.needs_smtputf8 = !is_ascii(message.envelope_from) || !is_ascii(message.envelope_to);
  conversation.greetings_to_come = settings_.tls_required && settings_.url.rfind("smtp://", 0) == 0 ? 2 : 1;
  configure(message, conversation);
  // A connection that is reused was greeted before, perhaps for a mail that did not need it.
  const bool fresh = reuse == Reuse::forbidden || conversation.needs_smtputf8;
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
  SmtpTrouble trouble;
  trouble.result = curl_easy_perform(easy);
  if (trouble.result == CURLE_OK) return {};
  if (conversation.smtputf8_is_missing) {
    return tl::make_unexpected(SendFailure{SendFailure::Kind::permanent,
                                           "smtp: an address is not ASCII and the relay does not offer SMTPUTF8"});
  }

  long new_connections = 0;
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &new_connections);
  trouble = explained(trouble, conversation);
  // One that hangs is no closed one: with a second attempt its mail would outlast the lease of the outbox.
  const bool was_closed =
      (trouble.smtp_status == 0 && trouble.result != CURLE_OPERATION_TIMEDOUT) || trouble.smtp_status == closing_status;
  if (new_connections == 0 && was_closed && !trouble.data_was_sent && !stopping_ && reuse == Reuse::allowed) {
    return send_over(message, Reuse::forbidden);  // the relay had closed the connection that was to be reused
  }
  return tl::make_unexpected(failure_of(trouble));
}

}  // namespace waxseal::server
