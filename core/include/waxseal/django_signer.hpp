#pragma once
/// @file django_signer.hpp
/// The `django` scheme: what Django REST Registration signs, so that links in flight survive a move. Pure.
/// HMAC-SHA-256 over Python's pickle (protocol 4) of the sorted (name, value) pairs, base64url without padding.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <waxseal/error.hpp>
#include <waxseal/link.hpp>

namespace waxseal {

/// Signs and verifies with one Django `SECRET_KEY`. Immutable, safe to share among threads. Move-only: holds a secret.
class DjangoSigner {
 public:
  /// @param secret_key  Django's SECRET_KEY, UTF-8. Its strength is not ours to choose.
  /// Fails with:  ErrorCode::internal  an empty secret
  static Result<DjangoSigner> create(std::string_view secret_key);

  DjangoSigner(DjangoSigner&&) noexcept;
  DjangoSigner& operator=(DjangoSigner&&) noexcept;
  ~DjangoSigner();

  /// The signature of user_id, email and timestamp, as text. `link.signature` is not read.
  /// The values together are under 64 KiB, as they are in any link or request: CPython frames longer pickles otherwise.
  std::string sign(const Link& link) const;

  /// True if this secret signed the link. Constant time in the signature.
  bool verifies(const Link& link) const;

 private:
  struct Secret;
  explicit DjangoSigner(std::unique_ptr<Secret> secret);
  std::unique_ptr<Secret> secret_;
};

}  // namespace waxseal
