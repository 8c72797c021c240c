#pragma once
/// @file key_directory.hpp
/// Signing keys as files: one private JWK (RFC 8037) a key in `keys_dir`, mode 0600, named by its kid. A retired key's
/// file keeps the public half only.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <waxseal/keys.hpp>

#include "ports/random_source.hpp"

namespace waxseal::server {

/// A key as `waxseal key list` shows it.
struct KeyDescription {
  std::string kid;
  std::string public_key;  ///< The JWK's `x`: base64url.
  UnixTime created_at;
  std::optional<UnixTime> retired_at;  ///< Set: verifies nothing any more.
};

class KeyDirectory {
 public:
  explicit KeyDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  /// Makes a key, and the folder (mode 0700) if it is not there. It is the newest from now on and signs.
  /// Fails with:  ErrorCode::unavailable  the folder or the file cannot be written
  Result<KeyDescription> create_key(RandomSource& random, UnixTime now);

  /// Makes a key verify nothing any more, and forgets its secret half.
  /// Fails with:  ErrorCode::not_found    no key has this kid, or it is retired already
  ///              ErrorCode::unavailable  the file cannot be written
  Result<KeyDescription> retire_key(const std::string& kid, UnixTime now);

  /// Every key, oldest first, retired ones too.
  /// Fails with:  ErrorCode::unavailable  the folder cannot be read
  ///              ErrorCode::internal     a file is no key, names another key, or others may read it
  Result<std::vector<KeyDescription>> list() const;

  /// A text that is another one once a key was made, retired or changed by hand. Cheap: reads no file.
  std::string state() const;

  /// The keys that are not retired, the newest one last added. Empty if the folder has none. Fails as `list`.
  Result<KeyRing> load() const;

 private:
  std::filesystem::path path_;
};

}  // namespace waxseal::server
