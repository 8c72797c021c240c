#pragma once
/// @file key_file.hpp
/// One signing key as a file: a private JWK (RFC 8037), mode 0600, named by its kid. A retired key's file keeps the public
/// half only. Whatever of a secret passes through here is wiped.

#include <filesystem>
#include <optional>
#include <string>

#include <waxseal/keys.hpp>
#include <waxseal/secret_memory.hpp>

namespace waxseal::server {

using Seed = Guarded<ByteArray<32>>;

/// A key as `waxseal key list` shows it.
struct KeyDescription {
  std::string kid;
  std::string public_key;  ///< The JWK's `x`: base64url.
  UnixTime created_at;
  std::optional<UnixTime> retired_at;  ///< Set: verifies nothing any more.
};

/// A key, read or to be written.
struct StoredKey {
  KeyDescription description;
  std::optional<Seed> seed;  ///< Of a retired key there is none.
};

/// True for the name of a key's file. One that is being written has another name.
bool is_key_file(const std::filesystem::path& file);

/// Reads one key. Nothing: the file is gone.
/// Fails with:  ErrorCode::internal     others may read or write it, or it is no whole and consistent key
///              ErrorCode::unavailable  it cannot be read
Result<std::optional<StoredKey>> read_key_file(const std::filesystem::path& file);

/// Writes a key into its folder: beside its name, then renamed, so that a reader sees all of it or nothing, also after a crash.
/// The caller keeps other writers out. Fails with:  ErrorCode::unavailable  the old file, if any, stays as it was
Result<void> write_key_file(const std::filesystem::path& folder, const StoredKey& key);

}  // namespace waxseal::server
