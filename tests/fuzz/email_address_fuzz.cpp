// Whatever is accepted as an address is fit for an SMTP envelope and is accepted again as it was stored.

#include <waxseal/email_address.hpp>

#include "require.hpp"

using namespace waxseal;
using fuzz::require;

namespace {

void require_fit_for_an_envelope(const EmailAddress& address) {
  const std::string& envelope = address.envelope();
  require(!envelope.empty() && envelope.size() <= max_email_bytes);
  require(envelope.find_first_of(std::string_view{"\r\n\0<> \t", 7}) == std::string::npos);
  require(envelope.rfind('@') != std::string::npos && envelope.back() != '@' && envelope.front() != '@');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const DomainToAscii to_ascii = [](std::string_view) { return std::optional<std::string>{"xn--bcher-kva.example"}; };
  for (const EmailPolicy policy : {EmailPolicy::strict, EmailPolicy::django}) {
    const auto address = EmailAddress::parse(text, policy, to_ascii);
    if (!address) continue;
    if (policy == EmailPolicy::strict) require_fit_for_an_envelope(*address);
    require(address->envelope().size() <= max_email_bytes);
    require(address->envelope().find_first_of(std::string_view{"\r\n\0", 3}) == std::string::npos);
    const auto again = EmailAddress::parse(address->text(), policy, to_ascii);
    require(again.has_value() && again->text() == address->text() && again->canonical() == address->canonical());
    require(canonical_email(text, to_ascii) == address->canonical());
  }
  static_cast<void>(masked_email(text));
  return 0;
}
