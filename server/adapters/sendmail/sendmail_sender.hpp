#pragma once
/// @file sendmail_sender.hpp
/// `transport = "sendmail"`: hands each mail to a program that takes it as sendmail does, and does the delivering.

#include <atomic>
#include <chrono>
#include <string>

#include "ports/mail.hpp"

namespace waxseal::server {

class SendmailSender final : public MailSender {
 public:
  /// @param path  Absolute. @param time_limit  For the whole run; then the program is killed.
  SendmailSender(std::string path, std::chrono::seconds time_limit) : path_(std::move(path)), time_limit_(time_limit) {}

  /// Runs `path -i -f SENDER -- RECIPIENT` with the message, lines ending in LF, on its standard input.
  tl::expected<void, SendFailure> send(const Message& message) override;
  void stop() override { stopping_ = true; }

 private:
  std::string path_;
  std::chrono::seconds time_limit_;
  std::atomic<bool> stopping_{false};
};

}  // namespace waxseal::server
