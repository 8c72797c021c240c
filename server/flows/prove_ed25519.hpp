#pragma once
/// @file prove_ed25519.hpp
/// Who made a link of the `ed25519` scheme, and for what.

#include <memory>

#include "ports/link_keys.hpp"

namespace waxseal::server {

/// What the signature says, and the keys that it was checked with.
struct Ed25519Proof {
  std::shared_ptr<const LinkKeySet> keys;
  VerifiedSignature signature;
};

/// Checks a signature against the keys in force; if it names one that is not among them, they are read again before.
/// Says nothing of the link's age. Fails with:  ErrorCode::signature_invalid
Result<Ed25519Proof> prove_ed25519(LinkKeys& keys, Purpose purpose, const Link& link);

}  // namespace waxseal::server
