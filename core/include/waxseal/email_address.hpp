#pragma once
/// @file email_address.hpp
/// Email addresses: which are accepted, how they are written, and when two are the same mailbox. One grammar for
/// validation, storage and the SMTP envelope. Pure: an international domain is turned into A-labels by the caller,
/// who passes the function that does it.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <waxseal/error.hpp>

namespace waxseal {

/// RFC 5321 section 4.5.3.1.3: a path is at most 256 octets, two of them the angle brackets.
inline constexpr std::size_t max_email_bytes = 254;

enum class EmailPolicy {
  strict,  ///< RFC 5321 dot-atom local part in ASCII, at most 64 octets; a domain of two labels or more.
  django,  ///< What Django's EmailValidator accepts (quoted local parts, `localhost`), but for IP literals and length.
};

/// Whether the policy accepts an address whose domain is in ASCII already, A-labels included. The grammar alone: for
/// those who neither store nor mail it. Allocates nothing.
bool is_ascii_email(std::string_view text, EmailPolicy policy);

/// Turns a domain as written into lower-case A-labels (IDNA 2008), or nothing if it is no domain. Called only for
/// domains with non-ASCII characters.
using DomainToAscii = std::function<std::optional<std::string>(std::string_view domain)>;

/// An address that a policy accepted.
class EmailAddress {
 public:
  /// Reads an address. Nothing is trimmed; comments, display names, encoded-words, CR, LF and NUL are refused.
  /// @param text       UTF-8.
  /// @param to_ascii   May be empty: every international domain is then refused.
  /// Fails with:  ErrorCode::invalid_fields  not an address under this policy, or over `max_email_bytes` in either spelling
  static Result<EmailAddress> parse(std::string_view text, EmailPolicy policy, const DomainToAscii& to_ascii);

  /// The address to store, to sign and to show. strict: the domain in A-labels; django: exactly as given.
  const std::string& text() const { return text_; }

  /// The address for the SMTP envelope: the local part as given, the domain in A-labels. Pure ASCII.
  const std::string& envelope() const { return envelope_; }

  /// The key for uniqueness and limits only: local part in ASCII lower case, domain in lower-case A-labels. Dots and
  /// `+` are not folded. Mail never goes to this spelling.
  const std::string& canonical() const { return canonical_; }

 private:
  EmailAddress(std::string text, std::string envelope, std::string canonical)
      : text_(std::move(text)), envelope_(std::move(envelope)), canonical_(std::move(canonical)) {}
  std::string text_;
  std::string envelope_;
  std::string canonical_;
};

/// The canonical spelling of an address that some policy once accepted, e.g. one found in an adopted table. An address
/// that is not one (no `@`, a domain without A-labels) is its own canonical spelling, in ASCII lower case.
std::string canonical_email(std::string_view text, const DomainToAscii& to_ascii);

/// The address with most of it hidden, for a mail that names an account to a stranger: `a***@e***.com`.
std::string masked_email(std::string_view text);

/// ASCII letters to lower case; every other byte stays.
std::string ascii_lower(std::string_view text);

/// True if the bytes are well-formed UTF-8 (Unicode 15 table 3-7: no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

}  // namespace waxseal
