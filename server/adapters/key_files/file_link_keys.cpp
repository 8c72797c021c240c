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
  {
    const std::lock_guard lock{mutex_};
    const auto now = std::chrono::steady_clock::now();
    if (now - last_look_ < time_between_looks) return keys_;
    last_look_ = now;  // this thread looks; the others go on with what there is
  }
  look();
  const std::lock_guard lock{mutex_};
  return keys_;
}

std::shared_ptr<const LinkKeySet> FileLinkKeys::after_unknown_key() {
  bool may_reload = false;
  {
    const std::lock_guard lock{mutex_};
    const auto now = std::chrono::steady_clock::now();
    may_reload = !last_reload_ || now - *last_reload_ >= shortest_time_between_reloads;
    if (may_reload) last_reload_ = now;
  }
  if (may_reload) reload();
  const std::lock_guard lock{mutex_};
  return keys_;
}

void FileLinkKeys::reload() {
  const std::lock_guard reading{reading_};
  replace_keys(folder_state_of(sources_));
}

void FileLinkKeys::look() {
  const std::lock_guard reading{reading_};
  if (std::string state = folder_state_of(sources_); state != folder_state_) replace_keys(std::move(state));
}

/// Holding `reading_`. On failure the old set stays, the next look tries again, and the same failure is logged once.
void FileLinkKeys::replace_keys(std::string folder_state) {
  auto reread = read_key_set(sources_);
  if (!reread) {
    if (reported_state_ != folder_state) {
      log_.write(LogLevel::error, "keys not readable, the old ones stay", {{"reason", reread.error().log_detail}});
    }
    reported_state_ = std::move(folder_state);
    return;
  }
  const std::size_t verifying = (*reread)->ring.public_keys().keys().size();
  folder_state_ = std::move(folder_state);
  reported_state_.clear();
  {
    const std::lock_guard lock{mutex_};
    keys_ = std::move(*reread);
  }
  log_.write(LogLevel::info, "keys read again", {{"verifying", std::to_string(verifying)}});
}

}  // namespace waxseal::server
