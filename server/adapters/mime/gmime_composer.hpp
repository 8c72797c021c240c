#pragma once
/// @file gmime_composer.hpp
/// Messages by GMime: text and HTML alternatives in UTF-8, CRLF line ends, encoded-words where a header needs them.

#include "ports/mail.hpp"

namespace waxseal::server {

class GmimeComposer final : public MessageComposer {
 public:
  GmimeComposer();
  Result<Message> compose(const MessageDraft& draft) const override;
};

/// The address alone of `Name <address>`, its domain in ASCII, or nothing unless the text holds exactly one.
std::optional<std::string> mailbox_address(const std::string& mailbox);

}  // namespace waxseal::server
