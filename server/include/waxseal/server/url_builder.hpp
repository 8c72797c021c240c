#pragma once
/// @file url_builder.hpp
/// Links to the page, spelled by the site's own code.

#include <string>

#include <waxseal/error.hpp>
#include <waxseal/link.hpp>

namespace waxseal::server {

/// Takes the place of DRR's VERIFICATION_URL_BUILDER, where neither `verification_url` nor `url_template` will do.
class UrlBuilder {
 public:
  virtual ~UrlBuilder() = default;

  /// The absolute URL of the page with the link's four values in it, each percent-encoded (see percent_encoding.hpp), at
  /// most `max_link_bytes` (4096) long: a longer one is refused. Called from any thread. A failure or an exception leaves
  /// the mail in the outbox, to be tried again.
  virtual Result<std::string> build(const Link& link) const = 0;
};

}  // namespace waxseal::server
