#pragma once
/// @file file_link_keys.hpp
/// The keys of links, from files: `keys_dir` for ed25519, secrets for django. Looks once a second whether `keys_dir` has
/// changed: a key that was made signs, and one that was retired or whose file was deleted verifies nothing, a second later.

#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ports/link_keys.hpp"
#include "ports/log.hpp"

namespace waxseal::server {

struct LinkKeySources {
  std::optional<std::filesystem::path> keys_dir;
  std::vector<std::string> django_secrets;  ///< Current first, then fallbacks.
};

class FileLinkKeys final : public LinkKeys {
 public:
  /// Reads everything once. Fails with what KeyDirectory::load fails with, or:
  ///   ErrorCode::internal  a secret is empty
  static Result<std::unique_ptr<FileLinkKeys>> open(LinkKeySources sources, Log& log);

  std::shared_ptr<const LinkKeySet> current() override;
  std::shared_ptr<const LinkKeySet> after_unknown_key() override;

  /// Reads the keys again, now and whatever was read before: an operator asks for it. Any thread. Requests under way go on with
  /// the set that they have. Keeps the old set, and says so in the log, if the new one cannot be read.
  void reload();

 private:
  FileLinkKeys(LinkKeySources sources, std::string folder_state, std::shared_ptr<const LinkKeySet> keys, Log& log)
      : sources_(std::move(sources)), log_(log), folder_state_(std::move(folder_state)), keys_(std::move(keys)) {}
  void look();
  void replace_keys(std::string folder_state);

  LinkKeySources sources_;
  Log& log_;
  std::mutex reading_;          ///< Held while files are read.
  std::string folder_state_;    ///< Of the set in force. Guarded by `reading_`.
  std::string reported_state_;  ///< Of the last failure that was logged. Guarded by `reading_`.
  std::mutex mutex_;            ///< Guards what follows; never held while files are read.
  std::shared_ptr<const LinkKeySet> keys_;
  std::chrono::steady_clock::time_point last_look_ = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::time_point> last_reload_;
};

}  // namespace waxseal::server
