#pragma once
/// @file file_mail_sender.hpp
/// `transport = "file"`: one .eml a mail in a folder, for development, tests and the demo.

#include <filesystem>

#include "ports/clock.hpp"
#include "ports/mail.hpp"

namespace waxseal::server {

class FileMailSender final : public MailSender {
 public:
  /// @param directory  Made if absent. Names sort in the order of delivery, also after a restart.
  FileMailSender(std::filesystem::path directory, const Clock& clock)
      : directory_(std::move(directory)), clock_(clock) {}

  /// Writes under a name that starts with a dot, then renames: whoever lists *.eml never sees half a mail.
  tl::expected<void, SendFailure> send(const Message& message) override;

 private:
  std::filesystem::path directory_;
  const Clock& clock_;
  unsigned long last_number_ = 0;
  UnixTime last_second_{};
};

}  // namespace waxseal::server
