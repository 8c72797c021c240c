#pragma once
/// @file mail.hpp
/// A mail on its way out: what it is for, what it says, its bytes, and who hands it over.

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include <waxseal/error.hpp>

namespace waxseal::server {

/// What a mail is for.
enum class MailKind {
  verify_email,   ///< To the new address: the link.
  email_in_use,   ///< To the requested address, which another account has: no link.
  change_notice,  ///< To the old address: somebody asked for another one.
  change_undone,  ///< To the address that is in force again, and to the one that gave way.
};

/// The kind's name in storage, logs and names of templates.
constexpr std::string_view name_of(MailKind kind) {
  switch (kind) {
    case MailKind::verify_email: break;
    case MailKind::email_in_use: return "email_in_use";
    case MailKind::change_notice: return "change_notice";
    case MailKind::change_undone: return "change_undone";
  }
  return "verify_email";
}

/// Which mail it is, and for whom.
struct MailFacts {
  MailKind kind = MailKind::verify_email;
  std::string account_id;  ///< As text, whatever the column's type.
  std::string recipient;   ///< The one address that it goes to.
  std::string language;    ///< BCP 47, e.g. "en".
};

/// The words of a mail, ready to be read. UTF-8, lines end in `\n`.
struct MailText {
  std::string subject;  ///< One line, never empty.
  std::string text;
  std::string html;  ///< Empty: the mail has a text part only.
};

/// Values for the templates, by name: `link`, `email`, `account`, `requested_at`, `valid_for`, `site`. Plain text, not
/// escaped. `link` is there only where the mail has one: verify_email always, change_notice with `undo_url`. `email` is the
/// address that was asked for; of change_undone the one in force again, masked for the reader of the one that gave way.
/// `account` is the account's address, masked where the reader may be a stranger; `requested_at` is the time of the request,
/// or of the undo.
using MailContext = std::map<std::string, std::string>;

/// A message as it goes over the wire.
struct Message {
  std::string envelope_from;  ///< Address only.
  std::string envelope_to;    ///< Address only, exactly one.
  std::string bytes;          ///< RFC 5322, lines end in CRLF, no bare CR or LF.
};

/// Why a message was not handed over.
struct SendFailure {
  enum class Kind {
    temporary,  ///< Try again later: no connection, time-out, a 4xx answer.
    permanent,  ///< Never again: a 5xx answer, an address that cannot be mailed.
  };
  Kind kind;
  std::string reason;                   ///< For the operator, no secrets.
  std::chrono::seconds retry_after{0};  ///< Temporary: not sooner, as the other side asked. Over an hour counts as one.
};

/// Takes the place of DRR's REGISTER_EMAIL_VERIFICATION_EMAIL_SENDER.
class MailSender {
 public:
  virtual ~MailSender() = default;

  /// Hands the message to whoever delivers it. After a temporary failure it may have been delivered all the same: it is
  /// sent again, with the same Message-ID. Called from one thread at a time. An exception counts as a temporary failure.
  virtual tl::expected<void, SendFailure> send(const Message& message) = 0;

  /// The program stops: a `send` that is running, and any later one, fails soon as a temporary failure. Any thread.
  virtual void stop() {}
};

}  // namespace waxseal::server
