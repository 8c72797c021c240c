// Any text is read as a page's JSON without a fault, and what is read re-encodes: written and read again it is the same link,
// and the one spelling that is written stays as it is.

#include <waxseal/email_address.hpp>
#include <waxseal/payload.hpp>

#include "require.hpp"

using namespace waxseal;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto link = payload_from_json(text)) {
    for (const std::string* value : {&link->user_id, &link->email, &link->timestamp, &link->signature}) {
      require(!value->empty() && is_utf8(*value));
    }
    const std::string written = payload_to_json(*link);
    const auto again = payload_from_json(written);
    if (written.size() <= 65536) require(again.has_value() && *again == *link && payload_to_json(*again) == written);
  }
  // Bytes of any kind are written as JSON that can be read.
  const std::string value{text.substr(0, 256)};
  if (!value.empty()) require(payload_from_json(payload_to_json({value, value, value, value})).has_value());
  return 0;
}
