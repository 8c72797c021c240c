#pragma once
/// @file smtp_sender.hpp
/// Mail to a relay by libcurl: implicit TLS (`smtps://`) or STARTTLS, certificate checked, AUTH PLAIN or LOGIN, SMTPUTF8
/// where an address needs it, one connection reused.

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "ports/mail.hpp"

namespace waxseal::server {

struct SmtpTrouble;

struct SmtpSettings {
  std::string url;  ///< `smtp://host[:port]` or `smtps://host[:port]`.
  std::optional<std::string> user;
  std::string password;                   ///< Never logged.
  bool tls_required = true;               ///< False: plain text, only for a relay on this machine.
  std::optional<std::string> ca_file;     ///< PEM. Nothing: the system's.
  std::chrono::seconds step_timeout{30};  ///< For connecting, and for each answer; three times that for a whole mail.
};

class SmtpSender final : public MailSender {
 public:
  explicit SmtpSender(SmtpSettings settings);
  ~SmtpSender() override;
  tl::expected<void, SendFailure> send(const Message& message) override;
  void stop() override { stopping_ = true; }

  /// Connects, as for a mail: TLS, login; then says NOOP and sends nothing.
  tl::expected<void, SendFailure> probe();

 private:
  struct Connection;
  struct Conversation;
  enum class Reuse { allowed, forbidden };
  tl::expected<void, SendFailure> send_over(const Message& message, Reuse reuse);
  void configure_connection(Conversation& conversation);
  void configure(const Message& message, Conversation& conversation);
  SmtpTrouble explained(SmtpTrouble trouble, const Conversation& conversation);

  SmtpSettings settings_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<Connection> connection_;
};

}  // namespace waxseal::server
