#pragma once
/// @file smtp_sender.hpp
/// Mail to a relay by libcurl: implicit TLS (`smtps://`) or STARTTLS, certificate checked, one connection reused.

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "ports/mail.hpp"

namespace waxseal::server {

struct SmtpSettings {
  std::string url;  ///< `smtp://host[:port]` or `smtps://host[:port]`.
  std::optional<std::string> user;
  std::string password;                ///< Never logged.
  bool tls_required = true;            ///< False: plain text, only for a relay on this machine.
  std::optional<std::string> ca_file;  ///< PEM. Nothing: the system's.
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds whole_timeout{60};  ///< For one mail, from connect to the answer after DATA.
};

class SmtpSender final : public MailSender {
 public:
  explicit SmtpSender(SmtpSettings settings);
  ~SmtpSender() override;
  tl::expected<void, SendFailure> send(const Message& message) override;
  void stop() override { stopping_ = true; }

 private:
  struct Connection;
  void configure(const Message& message);

  SmtpSettings settings_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<Connection> connection_;
};

}  // namespace waxseal::server
