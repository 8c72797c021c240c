#include "adapters/key_files/key_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

namespace waxseal::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view key_ending = ".jwk";
constexpr std::size_t max_key_file_bytes = 4096;

/// A key file, read. `seed` is there unless the key is retired.
struct StoredKey {
  KeyDescription description;
  std::optional<ByteArray<32>> seed;
};

tl::unexpected<Error> bad_key(const fs::path& file, const std::string& why) {
  return fail(ErrorCode::internal, file.string() + ": " + why);
}

Result<std::string> read_private_file(const fs::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0)
    return fail(ErrorCode::unavailable, file.string() + ": " + std::strerror(errno));
  if ((status.st_mode & 077) != 0) return bad_key(file, "others may read it: chmod 600");
  if (status.st_size > static_cast<off_t>(max_key_file_bytes)) return bad_key(file, "longer than 4096 bytes");
  std::ifstream stream{file, std::ios::binary};
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) return fail(ErrorCode::unavailable, file.string() + ": cannot be read");
  return text.str();
}

std::optional<std::string> text_member(const nlohmann::json& jwk, const char* name) {
  const auto member = jwk.find(name);
  if (member == jwk.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

std::optional<UnixTime> time_member(const nlohmann::json& jwk, const char* name) {
  const auto member = jwk.find(name);
  if (member == jwk.end() || !member->is_number_integer()) return std::nullopt;
  return from_unix_s(member->get<std::int64_t>());
}

std::optional<ByteArray<32>> bytes_32(const std::optional<std::string>& base64url) {
  if (!base64url) return std::nullopt;
  const auto bytes = decode_base64url(*base64url);
  ByteArray<32> result{};
  if (!bytes || bytes->size() != result.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), result.begin());
  return result;
}

Result<StoredKey> read_key(const fs::path& file) {
  const Result<std::string> text = read_private_file(file);
  if (!text) return tl::make_unexpected(text.error());
  const auto jwk = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!jwk.is_object() || text_member(jwk, "kty") != "OKP" || text_member(jwk, "crv") != "Ed25519") {
    return bad_key(file, "not an Ed25519 JWK");
  }
  const auto public_bytes = bytes_32(text_member(jwk, "x"));
  const auto created_at = time_member(jwk, "created_unix_s");
  if (!public_bytes || !created_at) return bad_key(file, "x or created_unix_s is missing or wrong");
  const PublicKey public_key{*public_bytes};
  StoredKey key{{public_key.kid(), encode_base64url(*public_bytes), *created_at, time_member(jwk, "retired_unix_s")},
                {}};
  if (file.stem() != key.description.kid) return bad_key(file, "its name is not the id of its key");
  if (key.description.retired_at) return key;

  key.seed = bytes_32(text_member(jwk, "d"));
  if (!key.seed) return bad_key(file, "d is missing or wrong");
  if (SigningKey::from_seed(*key.seed).public_key().bytes() != *public_bytes) {
    return bad_key(file, "d and x are not of one key");
  }
  return key;
}

Result<std::vector<StoredKey>> read_keys(const fs::path& folder) {
  std::error_code error;
  std::vector<StoredKey> keys;
  for (fs::directory_iterator place{folder, error}; !error && place != fs::directory_iterator{};
       place.increment(error)) {
    if (place->path().extension() != key_ending || place->path().filename().string().front() == '.') continue;
    Result<StoredKey> key = read_key(place->path());
    if (!key) return tl::make_unexpected(key.error());
    keys.push_back(std::move(*key));
  }
  if (error) return fail(ErrorCode::unavailable, folder.string() + ": " + error.message());
  std::sort(keys.begin(), keys.end(), [](const StoredKey& a, const StoredKey& b) {
    return std::pair{a.description.created_at, a.description.kid} <
           std::pair{b.description.created_at, b.description.kid};
  });
  return keys;
}

void sync_folder(const fs::path& folder) {
  const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return;
  fsync(opened);
  close(opened);
}

/// Writes beside the name and renames, so that a reader never sees half a key.
Result<void> write_key(const fs::path& folder, const StoredKey& key) {
  nlohmann::ordered_json jwk{
      {"kty", "OKP"}, {"crv", "Ed25519"}, {"kid", key.description.kid}, {"x", key.description.public_key}};
  if (key.seed) jwk["d"] = encode_base64url(*key.seed);
  jwk["created_unix_s"] = to_unix_s(key.description.created_at);
  if (key.description.retired_at) jwk["retired_unix_s"] = to_unix_s(*key.description.retired_at);
  const std::string text = jwk.dump(2) + "\n";

  const fs::path hidden = folder / ("." + key.description.kid + std::string{key_ending});
  const int file = open(hidden.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  const int problem = errno;
  if (file >= 0) close(file);
  std::error_code error;
  if (written) fs::rename(hidden, folder / (key.description.kid + std::string{key_ending}), error);
  if (written && !error) {
    sync_folder(folder);  // or a crash might bring a retired key back
    return {};
  }
  return fail(ErrorCode::unavailable, hidden.string() + ": " + (written ? error.message() : std::strerror(problem)));
}

}  // namespace

Result<KeyDescription> KeyDirectory::create_key(RandomSource& random, UnixTime now) {
  std::error_code error;
  if (fs::create_directories(path_, error)) fs::permissions(path_, fs::perms::owner_all, error);
  if (error) return fail(ErrorCode::unavailable, path_.string() + ": " + error.message());
  const auto others = read_keys(path_);
  if (!others) return tl::make_unexpected(others.error());
  const auto has_kid = [&](const std::string& kid) {
    return std::any_of(others->begin(), others->end(),
                       [&](const StoredKey& key) { return key.description.kid == kid; });
  };
  // The newest signs, so a key made now must be newer than all, even within one second or after the clock was set back.
  if (!others->empty()) now = std::max(now, others->back().description.created_at + std::chrono::seconds{1});

  StoredKey key;
  ByteArray<32> seed{};
  do {
    random.fill(seed.data(), seed.size());
    const SigningKey signing_key = SigningKey::from_seed(seed);
    const PublicKey& public_key = signing_key.public_key();
    key = {{public_key.kid(), encode_base64url(public_key.bytes()), now, {}}, seed};
  } while (has_kid(key.description.kid));
  if (const auto written = write_key(path_, key); !written) return tl::make_unexpected(written.error());
  return key.description;
}

Result<KeyDescription> KeyDirectory::retire_key(const std::string& kid, UnixTime now) {
  auto keys = read_keys(path_);
  if (!keys) return tl::make_unexpected(keys.error());
  for (StoredKey& key : *keys) {
    if (key.description.kid != kid) continue;
    if (key.description.retired_at) return fail(ErrorCode::not_found, "key " + kid + " is retired already");
    key.seed.reset();
    key.description.retired_at = now;
    if (const auto written = write_key(path_, key); !written) return tl::make_unexpected(written.error());
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
    if (place->path().extension() != key_ending || stat(place->path().c_str(), &status) != 0) continue;
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
    if (const auto added = ring.add(SigningKey::from_seed(*key.seed)); !added)
      return tl::make_unexpected(added.error());
  }
  return ring;
}

}  // namespace waxseal::server
