#include <waxseal/check.hpp>

#include "link_fields.hpp"
#include "read_quietly.hpp"

namespace waxseal {
namespace {

/// Fills in whether the signature is right, as far as this side can tell.
void judge_signature(LinkCheck& check, const CheckOptions& options) {
  if (form_of_signature(check.link.signature) == SignatureForm::unknown) {
    check.authentic = false;
  } else if (options.keys != nullptr) {
    check.authentic = options.keys->confirms(options.purpose, check.link);
    check.unknown_key = !check.authentic;
    check.authentic = check.authentic == true;
  }
}

}  // namespace

std::string_view wire_name(LinkStatus status) {
  switch (status) {
    case LinkStatus::ready: return "ready";
    case LinkStatus::expired: return "expired";
    case LinkStatus::altered: return "altered";
    case LinkStatus::malformed: break;
  }
  return "malformed";
}

LinkCheck check_link(std::string_view url, const CheckOptions& options) {
  LinkCheck check;
  check.code = ErrorCode::link_malformed;
  LinkReading reading =
      options.link_template != nullptr ? read_templated(*options.link_template, url) : read_parameters(url);
  check.missing = reading.missing;
  if (!reading.is_link()) return check;
  const std::optional<UnixTime> issued_at = read_timestamp(reading.link.timestamp);
  if (!issued_at) return check;

  check.issued_at = *issued_at;
  check.expires_at = expires_at(*issued_at, options.period);
  check.link = std::move(reading.link);
  judge_signature(check, options);
  if (check.authentic == false) {
    check.status = LinkStatus::altered;
    check.code = ErrorCode::link_altered;
  } else if (is_expired(*issued_at, options.now, options.period)) {
    check.status = LinkStatus::expired;
    check.code = ErrorCode::link_expired;
  } else {
    check.status = LinkStatus::ready;
    check.code = std::nullopt;
  }
  return check;
}

}  // namespace waxseal
