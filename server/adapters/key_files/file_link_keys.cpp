#include "adapters/key_files/file_link_keys.hpp"

#include "adapters/key_files/key_directory.hpp"

namespace waxseal::server {
namespace {

constexpr std::chrono::seconds time_between_looks{1};
constexpr std::chrono::seconds shortest_time_between_reloads{10};

std::string folder_state_of(const LinkKeySources& sources) {
  return sources.keys_dir ? KeyDirectory{*sources.keys_dir}.state() : std::string{};
}

Result<std::shared_ptr<const LinkKeySet>> read_key_set(const LinkKeySources& sources) {
  auto keys = std::make_shared<LinkKeySet>();
  if (sources.keys_dir) {
    Result<KeyRing> ring = KeyDirectory{*sources.keys_dir}.load();
    if (!ring) return tl::make_unexpected(ring.error());
    keys->ring = std::move(*ring);
  }
  for (const std::string& secret : sources.django_secrets) {
    Result<DjangoSigner> signer = DjangoSigner::create(secret);
    if (!signer) return tl::make_unexpected(signer.error());
    keys->django.push_back(std::move(*signer));
  }
  return std::shared_ptr<const LinkKeySet>{std::move(keys)};
}

}  // namespace

Result<std::unique_ptr<FileLinkKeys>> FileLinkKeys::open(LinkKeySources sources, Log& log) {
  std::string folder_state = folder_state_of(sources);  // before reading: a change in between is seen at the next look
  auto keys = read_key_set(sources);
  if (!keys) return tl::make_unexpected(keys.error());
  return std::unique_ptr<FileLinkKeys>{
      new FileLinkKeys{std::move(sources), std::move(folder_state), std::move(*keys), log}};
}

std::shared_ptr<const LinkKeySet> FileLinkKeys::current() {
  const std::lock_guard lock{mutex_};
  const auto now = std::chrono::steady_clock::now();
  if (now - last_look_ >= time_between_looks) {
    last_look_ = now;
    if (std::string state = folder_state_of(sources_); state != folder_state_) {
      folder_state_ = std::move(state);
      reload();
    }
  }
  return keys_;
}

std::shared_ptr<const LinkKeySet> FileLinkKeys::after_unknown_key() {
  const std::lock_guard lock{mutex_};
  const auto now = std::chrono::steady_clock::now();
  if (last_reload_ && now - *last_reload_ < shortest_time_between_reloads) return keys_;
  last_reload_ = now;
  reload();
  return keys_;
}

void FileLinkKeys::reload() {
  auto reread = read_key_set(sources_);
  if (reread) {
    keys_ = std::move(*reread);
    log_.write(LogLevel::info, "keys read again",
               {{"verifying", std::to_string(keys_->ring.public_keys().keys().size())}});
  } else {
    log_.write(LogLevel::error, "keys not readable, the old ones stay", {{"reason", reread.error().log_detail}});
  }
}

}  // namespace waxseal::server
