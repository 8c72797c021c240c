#pragma once
/// @file domain_encoder.hpp
/// International domain names, which the core takes as A-labels only.

#include <optional>
#include <string>
#include <string_view>

namespace waxseal::server {

class DomainEncoder {
 public:
  virtual ~DomainEncoder() = default;

  /// The domain in lower-case A-labels (IDNA 2008, non-transitional), or nothing if it has none. Any thread.
  virtual std::optional<std::string> to_ascii(std::string_view domain) const = 0;
};

}  // namespace waxseal::server
