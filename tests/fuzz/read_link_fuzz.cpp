// Any text is read as a link without a fault, and what is read re-encodes: written and read again it is the same link.

#include <waxseal/check.hpp>

#include "require.hpp"

using namespace waxseal;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  for (const std::string_view page :
       {"https://app.example/", "https://app.example/?lang=de", "https://app.example/#/verify"}) {
    const auto link = read_link(text);
    if (!link) break;
    const std::string url = write_link(page, *link);
    if (url.size() <= max_link_bytes) require(read_link(url) == *link);
  }
  const PublicKeyRing no_keys;
  CheckOptions options;
  options.keys = &no_keys;
  const LinkCheck check = check_link(text, options);
  require(check.status == LinkStatus::malformed || check.status == LinkStatus::altered);
  require(check.status != LinkStatus::malformed || check.link == Link{});
  return 0;
}
