#include "flows/link_issuer.hpp"

namespace waxseal::server {
namespace {

Result<IssuedLink> within_limit(IssuedLink issued) {
  if (issued.url.size() > max_link_bytes) return fail(ErrorCode::internal, "the link would be longer than 4096 bytes");
  return issued;
}

}  // namespace

Result<IssuedLink> LinkIssuer::issue_ed25519(const Account& account, std::string_view email, LinkVersion version,
                                             UnixTime issued_at) const {
  const std::shared_ptr<const LinkKeySet> keys = keys_.current();
  const SigningKey* key = keys->ring.newest();
  if (key == nullptr) return fail(ErrorCode::internal, "no signing key: run `waxseal key new`");
  const StateDigest digest = key->state_digest({account.id, account.email, account.credential});
  const Claims claims{account.id, std::string{email}, issued_at};
  const Ed25519Signature signature = key->sign(Purpose::register_email, claims, version, digest);
  return spell({account.id, std::string{email}, to_text(issued_at), encode_signature(signature)});
}

Result<IssuedLink> LinkIssuer::issue_django(std::string_view user_id, std::string_view email,
                                            UnixTime issued_at) const {
  const std::shared_ptr<const LinkKeySet> keys = keys_.current();
  if (keys->django.empty()) return fail(ErrorCode::internal, "no Django secret is configured");
  Link link{std::string{user_id}, std::string{email}, to_text(issued_at), {}};
  link.signature = keys->django.front().sign(link);
  return spell(std::move(link));
}

Result<IssuedLink> LinkIssuer::issue(const Account& account, std::string_view email, LinkVersion version,
                                     UnixTime issued_at) const {
  return policy_.issue == Scheme::ed25519 ? issue_ed25519(account, email, version, issued_at)
                                          : issue_django(account.id, email, issued_at);
}

Result<std::optional<IssuedLink>> LinkIssuer::issue_undo(std::string_view user_id, std::string_view old_email,
                                                         LinkVersion version, UnixTime issued_at) const {
  const std::shared_ptr<const LinkKeySet> keys = keys_.current();
  const SigningKey* key = keys->ring.newest();
  if (key == nullptr || policy_.undo_url.empty()) return std::optional<IssuedLink>{};
  const Claims claims{std::string{user_id}, std::string{old_email}, issued_at};
  const Ed25519Signature signature = key->sign(Purpose::undo_email, claims, version, StateDigest{});
  Link link{claims.user_id, claims.email, to_text(issued_at), encode_signature(signature)};
  std::string url = write_link(policy_.undo_url, link);
  return within_limit({std::move(link), std::move(url)});
}

Result<IssuedLink> LinkIssuer::spell(Link link) const {
  auto url = url_of(link);
  if (!url) return tl::make_unexpected(url.error());
  return within_limit({std::move(link), std::move(*url)});
}

Result<std::string> LinkIssuer::url_of(const Link& link) const {
  if (url_builder_ != nullptr) return url_builder_->build(link);
  return policy_.url_template ? policy_.url_template->write(link) : write_link(policy_.verification_url, link);
}

}  // namespace waxseal::server
