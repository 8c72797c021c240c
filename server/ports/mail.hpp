#pragma once
/// @file mail.hpp
/// The three steps between an outbox entry and the recipient's server, as ports.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <waxseal/error.hpp>
#include <waxseal/expiry.hpp>

#include "ports/account_store.hpp"

namespace waxseal::server {

/// The words of a mail, ready to be read. UTF-8, lines end in `\n`.
struct MailText {
  std::string subject;  ///< One line.
  std::string text;
  std::string html;
};

/// Values for the templates, by name: `link`, `email`, `account`, `requested_at`, `valid_for`, `site`.
using MailContext = std::map<std::string, std::string>;

class MailTemplates {
 public:
  virtual ~MailTemplates() = default;
  /// Values are escaped in HTML. Fails with:  ErrorCode::internal  no such template
  virtual Result<MailText> render(MailKind kind, std::string_view language, const MailContext& context) const = 0;
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

/// A message as it goes over the wire.
struct Message {
  std::string envelope_from;  ///< Address only.
  std::string envelope_to;    ///< Address only, exactly one.
  std::string bytes;          ///< RFC 5322, lines end in CRLF, no bare CR or LF.
};

class MessageComposer {
 public:
  virtual ~MessageComposer() = default;
  /// Fails with:  ErrorCode::internal  an address that is none, a line break in a header
  virtual Result<Message> compose(const MessageDraft& draft) const = 0;
};

/// Why a message was not handed over.
struct SendFailure {
  enum class Kind {
    temporary,  ///< Try again later: no connection, time-out, a 4xx answer.
    permanent,  ///< Never again: a 5xx answer, an address that cannot be mailed.
  };
  Kind kind;
  std::string reason;  ///< For the operator, no secrets.
};

class MailSender {
 public:
  virtual ~MailSender() = default;
  /// Hands the message to whoever delivers it. After a temporary failure it may have been delivered all the same.
  /// Called from one thread at a time.
  virtual tl::expected<void, SendFailure> send(const Message& message) = 0;

  /// The program stops: a `send` that is running, and any later one, fails soon as a temporary failure. Any thread.
  virtual void stop() {}
};

}  // namespace waxseal::server
