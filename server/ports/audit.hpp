#pragma once
/// @file audit.hpp
/// Who changed which address, when, with which key and from where: one entry a step of a change, written by the store in the
/// transaction of that step.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <waxseal/error.hpp>
#include <waxseal/expiry.hpp>
#include <waxseal/signature.hpp>

#include "values/ip_network.hpp"

namespace waxseal::server {

/// Where a step of a change came from.
struct ChangeOrigin {
  std::optional<IpAddress> client = {};  ///< Who sent the request; nothing: no request, but a command.
  std::string key_id = {};  ///< `kid` of the key that signed the pressed link, or `django`; empty: no link was pressed.
};

enum class AuditEvent {
  requested,  ///< A mail with a link was asked for, perhaps not for the first time.
  applied,    ///< The address changed.
  cancelled,  ///< "This wasn't me" stopped a change that was not applied.
  undone      ///< "This wasn't me" took an applied change back.
};

/// The event's name in storage and on the command line.
constexpr const char* name_of(AuditEvent event) {
  switch (event) {
    case AuditEvent::requested: break;
    case AuditEvent::applied: return "applied";
    case AuditEvent::cancelled: return "cancelled";
    case AuditEvent::undone: return "undone";
  }
  return "requested";
}

struct AuditEntry {
  AuditEvent event = AuditEvent::requested;
  std::string account_id;
  LinkVersion version = 0;  ///< Of the change that was asked for, pressed or disowned.
  std::string old_email;    ///< Undone: the address in force before.
  std::string new_email;    ///< Undone: the address in force again.
  ChangeOrigin origin;
  UnixTime at;
};

/// All conditions together; an empty one holds for every entry.
struct AuditSelection {
  std::optional<std::string> account_id = {};
  std::optional<std::string> address = {};  ///< The old or the new one; ASCII letters of either case.
  std::optional<UnixTime> since = {};
  std::optional<UnixTime> before = {};
};

class AuditTrail {
 public:
  virtual ~AuditTrail() = default;

  /// The newest `most` of the selection, oldest first. Fails like the AccountStore's methods.
  virtual Result<std::vector<AuditEntry>> list(const AuditSelection& selection, std::size_t most) = 0;
};

}  // namespace waxseal::server
