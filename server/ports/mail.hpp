#pragma once
/// @file mail.hpp
/// The steps between an outbox entry and the recipient's server, as ports. The last one, MailSender, is public.

#include <optional>
#include <string>

#include <waxseal/expiry.hpp>
#include <waxseal/server/mail.hpp>

namespace waxseal::server {

class MailTemplates {
 public:
  virtual ~MailTemplates() = default;
  /// Values are escaped in HTML. Fails with:  ErrorCode::internal  no such template, or one that cannot be rendered
  virtual Result<MailText> render(const MailFacts& facts, const MailContext& context) const = 0;
};

/// Everything of a message but its bytes.
struct MessageDraft {
  std::string from;                     ///< `Name <address>` or an address; from the configuration.
  std::optional<std::string> reply_to;  ///< As `from`. Nothing: the sender.
  std::string to;                       ///< Exactly one address, in ASCII.
  std::string message_token;            ///< The left side of the Message-ID.
  UnixTime date;
  MailText words;
};

class MessageComposer {
 public:
  virtual ~MessageComposer() = default;
  /// Fails with:  ErrorCode::internal  an address that is none, a line break in a header
  virtual Result<Message> compose(const MessageDraft& draft) const = 0;
};

}  // namespace waxseal::server
