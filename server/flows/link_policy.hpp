#pragma once
/// @file link_policy.hpp
/// What the operator decided about links, as the flows need it.

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <waxseal/email_address.hpp>
#include <waxseal/link.hpp>

#include "ports/account_store.hpp"
#include "ports/domain_encoder.hpp"

namespace waxseal::server {

enum class Scheme { ed25519, django };

/// Which addresses count as the same one.
enum class EmailMatch { canonical, exact };

struct LinkPolicy {
  bool verification_enabled = true;  ///< Off: register-email changes the address at once, verify-email is not there.
  std::chrono::seconds period{7 * 24 * 3600};
  std::string verification_url;  ///< Absolute. Not used if `url_template` is set.
  std::optional<LinkTemplate> url_template;
  Scheme issue = Scheme::ed25519;
  bool accept_ed25519 = true;
  bool accept_django = false;
  bool latest_only = true;
  bool one_time_use = true;
  bool notify_old_address = true;  ///< The address in force is told of a request for another one.
  std::string undo_url;            ///< Absolute; the page of undo links. Empty: notices have no link.
  std::chrono::seconds undo_period{7 * 24 * 3600};
  bool require_active = true;
  bool email_unique = true;
  EmailMatch email_match = EmailMatch::canonical;
  EmailPolicy email_policy = EmailPolicy::strict;
};

/// The rules for addresses: the policy with the encoder it needs. Both outlive it.
class EmailRules {
 public:
  EmailRules(const LinkPolicy& policy, const DomainEncoder& encoder) : policy_(policy), encoder_(encoder) {}

  Result<EmailAddress> parse(std::string_view text) const {
    return EmailAddress::parse(text, policy_.email_policy, to_ascii());
  }

  /// An address that an account has already, by whatever rules it came there: what can be mailed is accepted.
  Result<EmailAddress> parse_in_force(std::string_view text) const {
    return EmailAddress::parse(text, EmailPolicy::django, to_ascii());
  }

  /// The key under which an address is unique, or nothing if addresses need not be.
  std::optional<std::string> uniqueness_key(std::string_view email) const {
    if (!policy_.email_unique) return std::nullopt;
    if (policy_.email_match == EmailMatch::exact) return std::string{email};
    return canonical_email(email, to_ascii());
  }

 private:
  DomainToAscii to_ascii() const {
    return [this](std::string_view domain) { return encoder_.to_ascii(domain); };
  }
  const LinkPolicy& policy_;
  const DomainEncoder& encoder_;
};

}  // namespace waxseal::server
