#include <waxseal/check.hpp>

namespace waxseal {
namespace {

/// Whether the signature is right as far as this side can tell.
struct Authenticity {
  std::optional<bool> authentic;
  bool unknown_key = false;
};

Authenticity judge_signature(const Link& link, const CheckOptions& options) {
  if (form_of_signature(link.signature) == SignatureForm::unknown) return {false, false};
  if (options.keys == nullptr) return {std::nullopt, false};
  if (options.keys->verify(options.purpose, link)) return {true, false};
  const Result<Ed25519Signature> decoded = decode_signature(link.signature);
  return {false, decoded.has_value() && options.keys->find(decoded->key_id) == nullptr};
}

LinkCheck malformed(std::vector<std::string_view> missing) {
  LinkCheck check;
  check.code = ErrorCode::link_malformed;
  check.missing = std::move(missing);
  return check;
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
  auto link = options.link_template != nullptr ? options.link_template->read(url) : read_link(url);
  if (!link) return malformed(std::move(link.error().missing));
  const Result<UnixTime> issued_at = parse_timestamp(link->timestamp);
  if (!issued_at) return malformed({});

  LinkCheck check;
  check.issued_at = *issued_at;
  check.expires_at = expires_at(*issued_at, options.period);
  const Authenticity authenticity = judge_signature(*link, options);
  check.authentic = authenticity.authentic;
  check.unknown_key = authenticity.unknown_key;
  check.link = std::move(*link);
  if (check.authentic == false) {
    check.status = LinkStatus::altered;
    check.code = ErrorCode::link_altered;
  } else if (is_expired(*issued_at, options.now, options.period)) {
    check.status = LinkStatus::expired;
    check.code = ErrorCode::link_expired;
  } else {
    check.status = LinkStatus::ready;
  }
  return check;
}

}  // namespace waxseal
