// Any text is read as a link without a fault, and what is read re-encodes: written and read again it is the same link.

#include <cstdlib>
#include <string_view>

#include <waxseal/check.hpp>
#include <waxseal/payload.hpp>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void require_same_after_writing(const waxseal::Link& link) {
  const std::string url = waxseal::write_link("https://app.example/", link);
  if (url.size() <= waxseal::max_link_bytes) require(waxseal::read_link(url) == link);
  const auto payload = waxseal::payload_from_json(waxseal::payload_to_json(link));
  require(payload.has_value() && *payload == link);
}

void require_one_spelling(const waxseal::Link& link) {
  if (const auto signature = waxseal::decode_signature(link.signature)) {
    require(waxseal::encode_signature(*signature) == link.signature);
  }
  if (const auto time = waxseal::parse_timestamp(link.timestamp)) require(waxseal::to_text(*time) == link.timestamp);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto link_template =
      waxseal::LinkTemplate::parse("https://app.example/#/verify/{user_id}/{email}/{timestamp}/{signature}");
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto link = waxseal::read_link(text)) {
    require_same_after_writing(*link);
    require_one_spelling(*link);
  }
  if (const auto link = link_template->read(text)) {
    const std::string url = link_template->write(*link);
    if (url.size() <= waxseal::max_link_bytes) require(link_template->read(url) == *link);
  }
  const waxseal::PublicKeyRing no_keys;
  waxseal::CheckOptions options;
  options.keys = &no_keys;
  const waxseal::LinkCheck check = waxseal::check_link(text, options);
  require(check.status == waxseal::LinkStatus::malformed || check.status == waxseal::LinkStatus::altered);
  return 0;
}
