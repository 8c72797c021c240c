// Whatever is accepted as an address is fit for an SMTP envelope and is accepted again as it was stored.

#include <cstdlib>
#include <string_view>

#include <waxseal/email_address.hpp>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const waxseal::DomainToAscii to_ascii = [](std::string_view) {
    return std::optional<std::string>{"xn--bcher-kva.example"};
  };
  for (const auto policy : {waxseal::EmailPolicy::strict, waxseal::EmailPolicy::django}) {
    const auto address = waxseal::EmailAddress::parse(text, policy, to_ascii);
    if (!address) continue;
    require(address->envelope().size() <= waxseal::max_email_bytes);
    require(address->envelope().find_first_of(std::string_view{"\r\n\0", 3}) == std::string::npos);
    const auto again = waxseal::EmailAddress::parse(address->text(), policy, to_ascii);
    require(again.has_value() && again->text() == address->text() && again->canonical() == address->canonical());
    require(waxseal::canonical_email(text, to_ascii) == address->canonical());
  }
  static_cast<void>(waxseal::masked_email(text));
  return 0;
}
