#include "abi.hpp"

#include <algorithm>

namespace waxseal::abi {
namespace {

Text text_of(const std::string& text) { return {text.data(), static_cast<std::uint32_t>(text.size())}; }

PublicKeyRing ring_of(const std::uint8_t* keys, std::uint32_t count) {
  PublicKeyRing ring;
  for (; count > 0; --count) {
    KeyId id;
    ByteArray<32> key;
    std::copy_n(keys, id.size(), id.begin());
    std::copy_n(keys + id.size(), key.size(), key.begin());
    ring.add({id, key});
    keys += id.size() + key.size();
  }
  return ring;
}

std::uint32_t bits_of(const FieldNames& names) {
  std::uint32_t bits = 0;
  for (std::uint32_t i = 0; i < link_field_names.size(); ++i) {
    for (const std::string_view name : names) bits |= static_cast<std::uint32_t>(name == link_field_names[i]) << i;
  }
  return bits;
}

const CheckAnswer* answer_to(std::string_view url, const CheckOptions& options) {
  auto* const answer = new CheckAnswer{{}, ready, {}, {}, {}, {}, check_link(url, options), {}};
  if (answer->check.expires_at) answer->expires_at_unix_s = static_cast<double>(to_unix_s(*answer->check.expires_at));
  answer->status = static_cast<Status>(answer->check.status);
  answer->authentic = answer->check.authentic == true;
  answer->unknown_key = answer->check.unknown_key;
  answer->missing = bits_of(answer->check.missing);
  answer->values[0] = text_of(answer->check.link.user_id);
  answer->values[1] = text_of(answer->check.link.email);
  answer->values[2] = text_of(answer->check.link.timestamp);
  answer->values[3] = text_of(answer->check.link.signature);
  return answer;
}

const CheckAnswer* misuse_of(const Error& error) {
  auto* const answer = new CheckAnswer{};
  answer->status = misuse;
  answer->template_problem = error.log_detail;
  answer->values[0] = text_of(answer->template_problem);
  return answer;
}

}  // namespace
}  // namespace waxseal::abi

using waxseal::abi::CheckAnswer;

std::uint32_t waxseal_abi_version() { return waxseal::abi::version; }

const CheckAnswer* waxseal_check(const char* url, std::uint32_t url_size, const char* link_template,
                                 std::uint32_t link_template_size, const std::uint8_t* keys, std::uint32_t key_count,
                                 std::uint32_t purpose, double now_unix_s, double period_s) {
  waxseal::CheckOptions options{waxseal::from_unix_s(static_cast<std::int64_t>(now_unix_s)),
                                std::chrono::seconds{static_cast<std::int64_t>(period_s)},
                                static_cast<waxseal::Purpose>(purpose)};
  waxseal::PublicKeyRing ring;
  if (key_count != waxseal::abi::no_keys) {
    ring = waxseal::abi::ring_of(keys, key_count);
    options.keys = &ring;
  }
  if (link_template_size == 0) return waxseal::abi::answer_to({url, url_size}, options);
  const auto spelling = waxseal::LinkTemplate::parse({link_template, link_template_size});
  if (!spelling) return waxseal::abi::misuse_of(spelling.error());
  options.link_template = &*spelling;
  return waxseal::abi::answer_to({url, url_size}, options);
}

std::uint32_t waxseal_accepts_email(const char* address, std::uint32_t size, std::uint32_t policy) {
  return waxseal::is_ascii_email({address, size}, static_cast<waxseal::EmailPolicy>(policy));
}
