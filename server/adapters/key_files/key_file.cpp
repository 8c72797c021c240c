#include "adapters/key_files/key_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <nlohmann/json.hpp>

#include "adapters/key_files/open_file.hpp"

namespace waxseal::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view key_ending = ".jwk";
constexpr std::size_t max_key_file_bytes = 4096;

/// JSON whose texts, those that the parser builds on its way too, are wiped when they go.
using SecretJson = nlohmann::basic_json<nlohmann::ordered_map, std::vector, SecretString>;

tl::unexpected<Error> bad_key(const fs::path& file, const std::string& why) {
  return fail(ErrorCode::internal, file.string() + ": " + why);
}

tl::unexpected<Error> system_error(const fs::path& file, int number) {
  return fail(ErrorCode::unavailable, file.string() + ": " + std::strerror(number));
}

Result<SecretString> read_private_file(const fs::path& path, const OpenFile& file) {
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return system_error(path, errno);
  if (!S_ISREG(status.st_mode)) return bad_key(path, "not a file");
  if ((status.st_mode & 077) != 0) return bad_key(path, "others may read it: chmod 600");
  if (status.st_size > static_cast<off_t>(max_key_file_bytes)) return bad_key(path, "longer than 4096 bytes");
  SecretString text(max_key_file_bytes, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(file.get(), text.data() + size, text.size() - size);
    if (count < 0) return system_error(path, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  text.resize(size);
  return text;
}

bool has_text(const SecretJson& jwk, const char* name, std::string_view wanted) {
  const auto member = jwk.find(name);
  return member != jwk.end() && member->is_string() &&
         std::string_view{member->get_ref<const SecretString&>()} == wanted;
}

std::optional<UnixTime> time_member(const SecretJson& jwk, const char* name) {
  const auto member = jwk.find(name);
  if (member == jwk.end() || !member->is_number_integer()) return std::nullopt;
  return from_unix_s(member->get<std::int64_t>());
}

/// Reads 32 bytes of base64url into `out`. False: not there, or not that.
bool read_bytes_32(const SecretJson& jwk, const char* name, ByteArray<32>& out) {
  const auto member = jwk.find(name);
  if (member == jwk.end() || !member->is_string()) return false;
  auto bytes = decode_base64url(member->get_ref<const SecretString&>());
  if (!bytes) return false;
  const bool fits = bytes->size() == out.size();
  if (fits) std::copy(bytes->begin(), bytes->end(), out.begin());
  wipe(bytes->data(), bytes->size());
  return fits;
}

Result<StoredKey> parse_key(const fs::path& file, const SecretString& text) {
  const auto jwk = SecretJson::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!jwk.is_object() || !has_text(jwk, "kty", "OKP") || !has_text(jwk, "crv", "Ed25519")) {
    return bad_key(file, "not an Ed25519 JWK");
  }
  ByteArray<32> public_bytes{};
  const auto created_at = time_member(jwk, "created_unix_s");
  if (!read_bytes_32(jwk, "x", public_bytes) || !created_at)
    return bad_key(file, "x or created_unix_s is missing or wrong");
  StoredKey key{
      {PublicKey{public_bytes}.kid(), encode_base64url(public_bytes), *created_at, time_member(jwk, "retired_unix_s")},
      {}};
  if (file.stem() != key.description.kid) return bad_key(file, "its name is not the id of its key");
  if (key.description.retired_at) return key;

  key.seed.emplace();
  if (!read_bytes_32(jwk, "d", **key.seed)) return bad_key(file, "d is missing or wrong");
  if (SigningKey::from_seed(**key.seed).public_key().bytes() != public_bytes)
    return bad_key(file, "d and x are not of one key");
  return key;
}

SecretString to_text(const StoredKey& key) {
  SecretJson jwk{{"kty", "OKP"}, {"crv", "Ed25519"}};
  jwk["kid"] = SecretString{key.description.kid};
  jwk["x"] = SecretString{key.description.public_key};
  if (key.seed) {
    std::string seed = encode_base64url(**key.seed);
    jwk["d"] = SecretString{seed};
    wipe(seed.data(), seed.size());
  }
  jwk["created_unix_s"] = to_unix_s(key.description.created_at);
  if (key.description.retired_at) jwk["retired_unix_s"] = to_unix_s(*key.description.retired_at);
  return jwk.dump(2) + "\n";
}

/// Whole and on the disk, or the number of the error.
int write_new_file(const fs::path& path, const SecretString& text) {
  const OpenFile file{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!file) return errno;
  const ssize_t written = write(file.get(), text.data(), text.size());
  if (written < 0) return errno;
  if (written != static_cast<ssize_t>(text.size())) return ENOSPC;
  return fsync(file.get()) == 0 ? 0 : errno;
}

}  // namespace

bool is_key_file(const fs::path& file) {
  return file.extension() == key_ending && file.filename().string().front() != '.';
}

Result<std::optional<StoredKey>> read_key_file(const fs::path& path) {
  // Not to wait where somebody put a pipe.
  const OpenFile file{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  if (!file && errno == ENOENT) return std::optional<StoredKey>{};
  if (!file) return system_error(path, errno);
  const auto text = read_private_file(path, file);
  if (!text) return tl::make_unexpected(text.error());
  auto key = parse_key(path, *text);
  if (!key) return tl::make_unexpected(key.error());
  return std::optional{std::move(*key)};
}

Result<void> write_key_file(const fs::path& folder, const StoredKey& key) {
  const std::string name = key.description.kid + std::string{key_ending};
  const fs::path hidden = folder / ("." + name);
  unlink(hidden.c_str());  // of a writer that died
  if (const int problem = write_new_file(hidden, to_text(key)); problem != 0) {
    unlink(hidden.c_str());
    return system_error(hidden, problem);
  }
  if (rename(hidden.c_str(), (folder / name).c_str()) != 0) {
    const int problem = errno;
    unlink(hidden.c_str());
    return system_error(hidden, problem);
  }
  // Or a crash might bring a retired key back.
  if (const OpenFile opened{open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}) fsync(opened.get());
  return {};
}

}  // namespace waxseal::server
