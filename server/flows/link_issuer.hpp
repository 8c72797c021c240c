#pragma once
/// @file link_issuer.hpp
/// Signs a link and spells it as the site wants it.

#include <waxseal/server/url_builder.hpp>

#include "flows/link_policy.hpp"
#include "ports/account_store.hpp"
#include "ports/link_keys.hpp"

namespace waxseal::server {

/// A signed link and its URL.
struct IssuedLink {
  Link link;
  std::string url;
};

class LinkIssuer {
 public:
  /// @param url_builder  Spells links instead of the policy, if there is one. All outlive the issuer.
  LinkIssuer(const LinkPolicy& policy, LinkKeys& keys, const UrlBuilder* url_builder = nullptr)
      : policy_(policy), keys_(keys), url_builder_(url_builder) {}

  /// Signs with the newest ed25519 key, for the account as it is now.
  /// @param version  Of the request that the link belongs to.
  /// Fails with:  ErrorCode::internal  no key, or a link longer than `max_link_bytes`
  Result<IssuedLink> issue_ed25519(const Account& account, std::string_view email, LinkVersion version,
                                   UnixTime issued_at) const;

  /// Signs with the current Django secret. The account need not exist here. Fails as above.
  Result<IssuedLink> issue_django(std::string_view user_id, std::string_view email, UnixTime issued_at) const;

  /// Signs by the configured scheme.
  Result<IssuedLink> issue(const Account& account, std::string_view email, LinkVersion version,
                           UnixTime issued_at) const;

  /// Signs "this wasn't me" for the owner of the address that the request would give up, or nothing if the policy names no
  /// page for it or there is no ed25519 key. Not bound to the account as it is: that is what a thief changes.
  /// Fails with:  ErrorCode::internal  a link longer than `max_link_bytes`
  Result<std::optional<IssuedLink>> issue_undo(std::string_view user_id, std::string_view old_email,
                                               LinkVersion version, UnixTime issued_at) const;

  /// The URL of a link, as the site spells it. Fails with:  ErrorCode::internal  it is longer than `max_link_bytes`, or
  ///   what the site's own UrlBuilder fails with
  Result<IssuedLink> spell(Link link) const;

 private:
  Result<std::string> url_of(const Link& link) const;

  const LinkPolicy& policy_;
  LinkKeys& keys_;
  const UrlBuilder* url_builder_;
};

}  // namespace waxseal::server
