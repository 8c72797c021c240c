#pragma once
/// @file check.hpp
/// What a page, or `waxseal link inspect`, can say of a link without asking the server. Pure: no clock.

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include <waxseal/expiry.hpp>
#include <waxseal/keys.hpp>
#include <waxseal/link.hpp>
#include <waxseal/signature.hpp>

namespace waxseal {

struct CheckOptions {
  UnixTime now;
  std::chrono::seconds period{7 * 24 * 3600};  ///< How long a link holds. The server's `verification_period`.
  Purpose purpose = Purpose::register_email;
  const LinkTemplate* link_template = nullptr;  ///< Null: query or fragment parameters. Not owned.
  const PublicKeyRing* keys = nullptr;          ///< Null: nothing is said of who signed. Not owned.
};

enum class LinkStatus {
  ready,      ///< Nothing speaks against posting it.
  expired,    ///< Genuine as far as can be told, but too old.
  altered,    ///< Not what the server sent: no key confirms it, or no signature has this form.
  malformed,  ///< Not a link: values missing, twice, or unreadable.
};
std::string_view wire_name(LinkStatus status);

struct LinkCheck {
  LinkStatus status = LinkStatus::malformed;
  std::optional<ErrorCode> code;       ///< link_malformed, link_expired or link_altered; nothing when ready.
  Link link;                           ///< Empty when malformed.
  std::optional<UnixTime> issued_at;   ///< Absent when malformed.
  std::optional<UnixTime> expires_at;  ///< Absent when malformed.
  std::optional<bool>
      authentic;  ///< With keys: whether one confirms it. Without: false if no signature has this form, else absent.
  FieldNames missing;        ///< When malformed: the names of the values that are not there.
  bool unknown_key = false;  ///< The signature names a key that the ring does not have: fetch the set again.
};

/// Checks in the server's order: form, signature, expiry. With keys, a link that no key confirms is `altered`, whatever
/// form its signature has; a link of the `django` scheme can be confirmed by no key.
/// @param url  Any text. See `read_link` for the limits.
LinkCheck check_link(std::string_view url, const CheckOptions& options);

}  // namespace waxseal
