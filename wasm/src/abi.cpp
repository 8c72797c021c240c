/// @file abi.cpp
/// The border between the core and the page: frames of bytes in, frames of bytes out. No rule of a link lives here.
///
/// A frame is a count and then the fields, each a length and its bytes (UTF-8); every number is a 32-bit little-endian
/// one. An answer is the size of a frame and then the frame. Who asks owns both: `waxseal_release` takes either.
/// Requests and answers by position are written beside each function; wasm/npm/src/frame.ts is the other side.

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <waxseal/check.hpp>
#include <waxseal/email_address.hpp>

#include "frame.hpp"

namespace waxseal::abi {
namespace {

constexpr std::uint32_t version = 1;
constexpr std::string_view given_but_empty = "-";

std::uint8_t* misuse(std::string_view message) { return write_answer({"error", message}); }

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Public keys, separated by commas.
Result<PublicKeyRing> parse_keys(std::string_view text) {
  PublicKeyRing ring;
  while (!text.empty() && text != given_but_empty) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(one.size() < text.size() ? one.size() + 1 : one.size());
    const Result<PublicKey> key = PublicKey::parse(one);
    if (!key) return tl::make_unexpected(key.error());
    ring.add(*key);
  }
  return ring;
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

std::string_view true_or_nothing(bool value) { return value ? "true" : ""; }

std::string_view three_valued(std::optional<bool> value) {
  if (!value) return "";
  return *value ? "true" : "false";
}

std::string text_of(std::optional<UnixTime> time) { return time ? to_text(*time) : std::string{}; }

std::uint8_t* answer_of(const LinkCheck& check) {
  return write_answer({"ok", wire_name(check.status), check.code ? wire_name(*check.code) : std::string_view{},
                       three_valued(check.authentic), check.link.user_id, check.link.email, check.link.timestamp,
                       check.link.signature, text_of(check.issued_at), text_of(check.expires_at), joined(check.missing),
                       true_or_nothing(check.unknown_key)});
}

/// Request: url, template ("" for none), purpose, now and period (seconds, decimal), keys ("" for none, "-" for a set
/// that is given and empty, else base64url separated by commas).
/// Answer:  "ok", status, code, authentic ("true", "false" or ""), user_id, email, timestamp, signature, issued_at and
///          expires_at (Unix seconds), missing (separated by commas), unknown_key ("true" or "");
///          or "error", message.
std::uint8_t* check(const std::vector<std::string_view>& request) {
  if (request.size() != 6) return misuse("a check takes six fields");
  const std::string_view template_text = request[1];
  const auto purpose = purpose_of(request[2]);
  const auto now_unix_s = parse_integer(request[3]);
  const auto period_s = parse_integer(request[4]);
  const Result<PublicKeyRing> keys = parse_keys(request[5]);
  if (!purpose) return misuse("purpose is \"register-email\" or \"undo-email\"");
  if (!now_unix_s) return misuse("now is a whole number of seconds since 1970");
  if (!period_s || *period_s < 0) return misuse("period is a whole number of seconds, 0 or more");
  if (!keys) return misuse(keys.error().log_detail);

  CheckOptions options{from_unix_s(*now_unix_s), std::chrono::seconds{*period_s}, *purpose};
  if (!request[5].empty()) options.keys = &*keys;
  if (template_text.empty()) return answer_of(check_link(request[0], options));
  const Result<LinkTemplate> link_template = LinkTemplate::parse(template_text);
  if (!link_template) return misuse("template: " + link_template.error().log_detail);
  options.link_template = &*link_template;
  return answer_of(check_link(request[0], options));
}

/// Request: the address, its domain in ASCII or A-labels already; the policy, "strict" or "django".
/// Answer:  "ok", text, canonical; or "refused"; or "error", message.
std::uint8_t* parse_email(const std::vector<std::string_view>& request) {
  if (request.size() != 2) return misuse("an address takes two fields");
  if (request[1] != "strict" && request[1] != "django") return misuse("policy is \"strict\" or \"django\"");
  const EmailPolicy policy = request[1] == "strict" ? EmailPolicy::strict : EmailPolicy::django;
  const Result<EmailAddress> address = EmailAddress::parse(request[0], policy, {});
  if (!address) return write_answer({"refused"});
  return write_answer({"ok", address->text(), address->canonical()});
}

}  // namespace
}  // namespace waxseal::abi

WAXSEAL_EXPORT(waxseal_abi_version) std::uint32_t waxseal_abi_version() { return waxseal::abi::version; }

/// Room for a request. Null when there is none left.
WAXSEAL_EXPORT(waxseal_allocate) std::uint8_t* waxseal_allocate(std::uint32_t size) {
  return static_cast<std::uint8_t*>(std::malloc(size));
}

WAXSEAL_EXPORT(waxseal_release) void waxseal_release(std::uint8_t* pointer) { std::free(pointer); }

WAXSEAL_EXPORT(waxseal_check) std::uint8_t* waxseal_check(const std::uint8_t* request, std::uint32_t size) {
  return waxseal::abi::answer_request(request, size, waxseal::abi::check);
}

WAXSEAL_EXPORT(waxseal_parse_email) std::uint8_t* waxseal_parse_email(const std::uint8_t* request, std::uint32_t size) {
  return waxseal::abi::answer_request(request, size, waxseal::abi::parse_email);
}
