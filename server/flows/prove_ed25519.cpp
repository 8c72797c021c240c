#include "flows/prove_ed25519.hpp"

namespace waxseal::server {

Result<Ed25519Proof> prove_ed25519(LinkKeys& keys, Purpose purpose, const Link& link) {
  const auto signature = decode_signature(link.signature);
  if (!signature) return tl::make_unexpected(signature.error());
  std::shared_ptr<const LinkKeySet> in_force = keys.current();
  if (in_force->ring.find(signature->key_id) == nullptr) in_force = keys.after_unknown_key();
  const auto verified = in_force->ring.verify(purpose, link);
  if (!verified) return tl::make_unexpected(verified.error());
  return Ed25519Proof{std::move(in_force), *verified};
}

}  // namespace waxseal::server
