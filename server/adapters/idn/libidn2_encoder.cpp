#include "adapters/idn/libidn2_encoder.hpp"

#include <idn2.h>

namespace waxseal::server {

std::optional<std::string> Libidn2Encoder::to_ascii(std::string_view domain) const {
  if (domain.find('\0') != std::string_view::npos) return std::nullopt;
  char* encoded = nullptr;
  constexpr int flags = IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT;
  if (idn2_to_ascii_8z(std::string{domain}.c_str(), &encoded, flags) != IDN2_OK) return std::nullopt;
  std::string result{encoded};
  idn2_free(encoded);
  return result;
}

}  // namespace waxseal::server
