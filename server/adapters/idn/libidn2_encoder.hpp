#pragma once
/// @file libidn2_encoder.hpp
/// International domains by libidn2: IDNA 2008 with the non-transitional mapping of UTS 46.

#include "ports/domain_encoder.hpp"

namespace waxseal::server {

class Libidn2Encoder final : public DomainEncoder {
 public:
  std::optional<std::string> to_ascii(std::string_view domain) const override;
};

}  // namespace waxseal::server
