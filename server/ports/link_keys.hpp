#pragma once
/// @file link_keys.hpp
/// The keys that sign and verify links, as a snapshot that can be replaced while requests run.

#include <memory>
#include <vector>

#include <waxseal/django_signer.hpp>
#include <waxseal/keys.hpp>

namespace waxseal::server {

/// One consistent set. Immutable once shared.
struct LinkKeySet {
  KeyRing ring;                      ///< Empty where ed25519 is neither issued nor accepted.
  std::vector<DjangoSigner> django;  ///< Current secret first, then fallbacks. Empty where django is neither.
};

class LinkKeys {
 public:
  virtual ~LinkKeys() = default;

  /// The set in force. Any thread.
  virtual std::shared_ptr<const LinkKeySet> current() = 0;

  /// Reads the keys again because a link named one that is not known, at most once in 10 s, and returns the set then in
  /// force. Keeps the old set if the new one cannot be read.
  virtual std::shared_ptr<const LinkKeySet> after_unknown_key() = 0;
};

}  // namespace waxseal::server
