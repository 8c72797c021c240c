#include "adapters/key_files/key_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "adapters/key_files/open_file.hpp"

namespace waxseal::server {
namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> unavailable(const fs::path& folder, const std::string& why) {
  return fail(ErrorCode::unavailable, folder.string() + ": " + why);
}

/// Who may write the folder may put a key of their own there, and with it sign any link.
Result<void> check_folder(const fs::path& folder) {
  struct stat status {};
  if (stat(folder.c_str(), &status) != 0) return unavailable(folder, std::strerror(errno));
  if ((status.st_mode & 022) != 0)
    return fail(ErrorCode::internal, folder.string() + ": others may write it: chmod 700");
  return {};
}

Result<std::vector<StoredKey>> read_keys(const fs::path& folder) {
  if (const auto checked = check_folder(folder); !checked) return tl::make_unexpected(checked.error());
  std::error_code error;
  std::vector<StoredKey> keys;
  for (fs::directory_iterator place{folder, error}; !error && place != fs::directory_iterator{};
       place.increment(error)) {
    if (!is_key_file(place->path())) continue;
    auto key = read_key_file(place->path());
    if (!key) return tl::make_unexpected(key.error());
    if (*key) keys.push_back(std::move(**key));
  }
  if (error) return unavailable(folder, error.message());
  std::sort(keys.begin(), keys.end(), [](const StoredKey& a, const StoredKey& b) {
    return std::pair{a.description.created_at, a.description.kid} <
           std::pair{b.description.created_at, b.description.kid};
  });
  return keys;
}

/// Keeps other commands from changing the folder, from the reading of its keys to the writing of one. Ends with the file.
Result<void> lock_folder(const fs::path& folder, const OpenFile& opened) {
  if (!opened) return unavailable(folder, std::strerror(errno));
  while (flock(opened.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return unavailable(folder, std::strerror(errno));
  }
  return {};
}

OpenFile open_folder(const fs::path& folder) {
  return OpenFile{open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

/// The id is 4 bytes only: two keys may share one, and a link could then not say which of them signed it.
StoredKey draw_key(RandomSource& random, UnixTime now, const std::vector<StoredKey>& others) {
  const auto is_taken = [&](const std::string& kid) {
    return std::any_of(others.begin(), others.end(),
                       [&](const StoredKey& other) { return other.description.kid == kid; });
  };
  StoredKey key{{}, Seed{}};
  Seed& seed = *key.seed;
  do {
    random.fill(seed->data(), seed->size());
    const SigningKey signing_key = SigningKey::from_seed(*seed);
    const PublicKey& public_key = signing_key.public_key();
    key.description = {public_key.kid(), encode_base64url(public_key.bytes()), now, {}};
  } while (is_taken(key.description.kid));
  return key;
}

}  // namespace

Result<KeyDescription> KeyDirectory::create_key(RandomSource& random, UnixTime now) {
  std::error_code error;
  if (fs::create_directories(path_, error)) fs::permissions(path_, fs::perms::owner_all, error);
  if (error) return unavailable(path_, error.message());
  const OpenFile folder = open_folder(path_);
  if (const auto locked = lock_folder(path_, folder); !locked) return tl::make_unexpected(locked.error());
  const auto others = read_keys(path_);
  if (!others) return tl::make_unexpected(others.error());
  // The newest signs, so a key made now must be newer than all, even within one second or after the clock was set back.
  if (!others->empty()) now = std::max(now, others->back().description.created_at + std::chrono::seconds{1});
  const StoredKey key = draw_key(random, now, *others);
  if (const auto written = write_key_file(path_, key); !written) return tl::make_unexpected(written.error());
  return key.description;
}

Result<KeyDescription> KeyDirectory::retire_key(const std::string& kid, UnixTime now) {
  const OpenFile folder = open_folder(path_);
  if (const auto locked = lock_folder(path_, folder); !locked) return tl::make_unexpected(locked.error());
  auto keys = read_keys(path_);
  if (!keys) return tl::make_unexpected(keys.error());
  for (StoredKey& key : *keys) {
    if (key.description.kid != kid) continue;
    if (key.description.retired_at) return fail(ErrorCode::not_found, "key " + kid + " is retired already");
    key.seed.reset();
    key.description.retired_at = now;
    if (const auto written = write_key_file(path_, key); !written) return tl::make_unexpected(written.error());
    return key.description;
  }
  return fail(ErrorCode::not_found, "no key " + kid + " in " + path_.string());
}

Result<std::vector<KeyDescription>> KeyDirectory::list() const {
  const auto keys = read_keys(path_);
  if (!keys) return tl::make_unexpected(keys.error());
  std::vector<KeyDescription> descriptions;
  for (const StoredKey& key : *keys) descriptions.push_back(key.description);
  return descriptions;
}

std::string KeyDirectory::state() const {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator place{path_, error}; !error && place != fs::directory_iterator{};
       place.increment(error)) {
    struct stat status {};
    if (!is_key_file(place->path()) || stat(place->path().c_str(), &status) != 0) continue;
    files.push_back(place->path().filename().string() + " " + std::to_string(status.st_size) + " " +
                    std::to_string(status.st_mode) + " " + std::to_string(status.st_ctim.tv_sec) + "." +
                    std::to_string(status.st_ctim.tv_nsec) + "\n");  // ctime: modes and renames count, too
  }
  std::sort(files.begin(), files.end());
  std::string state;
  for (const std::string& file : files) state += file;
  return state;
}

Result<KeyRing> KeyDirectory::load() const {
  const auto keys = read_keys(path_);
  if (!keys) return tl::make_unexpected(keys.error());
  KeyRing ring;
  for (const StoredKey& key : *keys) {
    if (!key.seed) continue;
    if (const auto added = ring.add(SigningKey::from_seed(**key.seed)); !added)
      return tl::make_unexpected(added.error());
  }
  return ring;
}

UnixTime last_signed_at(const std::vector<KeyDescription>& keys, const KeyDescription& key, UnixTime now) {
  UnixTime last = std::max(key.created_at, key.retired_at.value_or(now));
  // From the newest down: each that was in force at `last` signed in this key's place since it was made.
  for (auto other = keys.rbegin(); other != keys.rend() && other->created_at > key.created_at; ++other) {
    if (other->created_at < last && other->retired_at.value_or(UnixTime::max()) > last) last = other->created_at;
  }
  return last;
}

}  // namespace waxseal::server
