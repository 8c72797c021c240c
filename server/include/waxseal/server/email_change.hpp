#pragma once
/// @file email_change.hpp
/// News of an address that changed.

#include <string>

#include <waxseal/expiry.hpp>

namespace waxseal::server {

struct EmailChange {
  enum class Reason {
    verified,    ///< By a link.
    unverified,  ///< At once, for `verification_enabled` is off.
    undone,      ///< Back again, by the link in the notice to the old address.
  };
  Reason reason;
  std::string account_id;  ///< As text, whatever the column's type.
  std::string old_email;   ///< May be empty.
  std::string new_email;
  UnixTime at;
};

/// The reason's name in events.
constexpr const char* name_of(EmailChange::Reason reason) {
  switch (reason) {
    case EmailChange::Reason::verified: break;
    case EmailChange::Reason::unverified: return "unverified";
    case EmailChange::Reason::undone: return "undone";
  }
  return "verified";
}

/// Takes the place of DRR's signal `user_changed_email`.
class EmailChangeObserver {
 public:
  virtual ~EmailChangeObserver() = default;

  /// Called once the change is durable, in the thread that answers, before it does: be short. At most once a change: a
  /// program that is killed in between never calls it. Any thread, several at once. An exception is logged, no more.
  virtual void email_changed(const EmailChange& change) = 0;
};

}  // namespace waxseal::server
