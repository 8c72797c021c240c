#pragma once
/// @file key_directory.hpp
/// The folder of signing keys, `keys_dir`: one file a key, see key_file.hpp. Commands on several machines and a running server
/// may use one folder at the same time.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <waxseal/keys.hpp>

#include "adapters/key_files/key_file.hpp"
#include "ports/random_source.hpp"

namespace waxseal::server {

class KeyDirectory {
 public:
  explicit KeyDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  /// Makes a key, and the folder (mode 0700) if it is not there. It is the newest from now on and signs. Waits for others that
  /// change the folder.
  /// Fails with:  ErrorCode::unavailable  the folder or the file cannot be written
  ///              what `list` fails with: no key is added beside one that is damaged
  Result<KeyDescription> create_key(RandomSource& random, UnixTime now);

  /// Makes a key verify nothing any more, and forgets its secret half. Waits as `create_key` does.
  /// Fails with:  ErrorCode::not_found    no key has this kid, or it is retired already
  ///              ErrorCode::unavailable  the file cannot be written
  ///              what `list` fails with
  Result<KeyDescription> retire_key(const std::string& kid, UnixTime now);

  /// Every key, oldest first, retired ones too.
  /// Fails with:  ErrorCode::unavailable  the folder cannot be read
  ///              ErrorCode::internal     others may write the folder, or read a key; a file is no key, or names another one
  Result<std::vector<KeyDescription>> list() const;

  /// A text that is another one once a key was made, retired or changed by hand. Cheap: reads no file.
  std::string state() const;

  /// The keys that are not retired, the newest one last added. Empty if the folder has none. Fails as `list`.
  Result<KeyRing> load() const;

 private:
  std::filesystem::path path_;
};

/// When a key last was the one that signs: the newest that was not retired. `now` if it is that still.
/// @param keys  What KeyDirectory::list gave. @param key  One of them.
UnixTime last_signed_at(const std::vector<KeyDescription>& keys, const KeyDescription& key, UnixTime now);

}  // namespace waxseal::server
