#include "adapters/memory/memory_store.hpp"

#include <algorithm>

namespace waxseal::server {
namespace {

ChangeRecord* record_of(std::vector<ChangeRecord>& changes, LinkVersion version) {
  const auto place = std::find_if(changes.begin(), changes.end(), [&](const auto& c) { return c.version == version; });
  return place != changes.end() ? &*place : nullptr;
}

/// See `first_link_version` of the SQLite adapter: a lost record must not let an old link live again.
LinkVersion first_link_version(UnixTime now) { return static_cast<LinkVersion>(to_unix_s(now)); }

void supersede_pending(std::vector<ChangeRecord>& changes) {
  for (ChangeRecord& change : changes) {
    if (change.outcome == ChangeOutcome::pending) change.outcome = ChangeOutcome::superseded;
  }
}

}  // namespace

MemoryStore::StoredAccount* MemoryStore::stored(std::string_view id) {
  const auto place = accounts_.find(id);
  return place != accounts_.end() ? &place->second : nullptr;
}

bool MemoryStore::email_is_held(std::string_view email_key, std::string_view except_account) const {
  return std::any_of(accounts_.begin(), accounts_.end(), [&](const auto& item) {
    return item.first != except_account && item.second.email_key == email_key;
  });
}

Result<std::optional<Account>> MemoryStore::find_account(std::string_view id) {
  const std::lock_guard lock{mutex_};
  const StoredAccount* found = stored(id);
  return found != nullptr ? std::optional{found->account} : std::nullopt;
}

Result<std::optional<Account>> MemoryStore::find_account_by_token(std::string_view token) {
  const std::lock_guard lock{mutex_};
  const auto place = tokens_.find(hash_of_token(token));
  return place != tokens_.end() ? std::optional{stored(place->second)->account} : std::nullopt;
}

Result<LinkState> MemoryStore::link_state(std::string_view account_id) {
  const std::lock_guard lock{mutex_};
  StoredAccount* found = stored(account_id);
  if (found == nullptr) return LinkState{};
  const ChangeRecord* record = record_of(found->changes, found->version);
  const bool pending = record != nullptr && record->outcome == ChangeOutcome::pending;
  return LinkState{found->version, pending ? std::optional{record->new_email} : std::nullopt};
}

Result<std::optional<ChangeRecord>> MemoryStore::find_change(std::string_view account_id, LinkVersion version) {
  const std::lock_guard lock{mutex_};
  StoredAccount* found = stored(account_id);
  const ChangeRecord* record = found != nullptr ? record_of(found->changes, version) : nullptr;
  return record != nullptr ? std::optional{*record} : std::nullopt;
}

Result<bool> MemoryStore::is_link_remembered(const ByteArray<32>& fingerprint) {
  const std::lock_guard lock{mutex_};
  return remembered_.count(fingerprint) > 0;
}

Result<LinkVersion> MemoryStore::request_change(const ChangeRequest& request) {
  const std::lock_guard lock{mutex_};
  StoredAccount* account = stored(request.account_id);
  if (account == nullptr) return fail(ErrorCode::user_not_found, "no account " + request.account_id);
  const ChangeRecord* pending = record_of(account->changes, account->version);
  const bool same_address =
      pending != nullptr && pending->outcome == ChangeOutcome::pending && pending->new_email == request.new_email;
  if (!same_address) {
    if (request.latest_only == LatestOnly::yes) supersede_pending(account->changes);
    account->version = account->version == 0 ? first_link_version(request.now) : account->version + 1;
    account->changes.push_back({account->version, account->account.email, request.new_email, ChangeOutcome::pending});
  }
  if (request.mail) {
    const bool taken = request.email_key && (request.new_email == account->account.email ||
                                             email_is_held(*request.email_key, request.account_id));
    StoredEntry queued;
    queued.entry = {static_cast<std::int64_t>(outbox_.size() + 1),
                    taken ? request.mail->if_taken : request.mail->if_free,
                    request.account_id,
                    request.new_email,
                    account->version,
                    request.mail->language,
                    request.mail->message_token,
                    request.now,
                    0};
    queued.due = request.now;
    outbox_.push_back(std::move(queued));
  }
  return account->version;
}

Result<ApplyResult> MemoryStore::apply(const ChangeToApply& change) {
  const std::lock_guard lock{mutex_};
  StoredAccount* account = stored(change.account_id);
  if (account == nullptr || account->account.email != change.current_email) return ApplyResult::stale;
  if (change.require_active == RequireActive::yes && !account->account.active) return ApplyResult::stale;
  if (change.remember && remembered_.count(change.remember->fingerprint) > 0) return ApplyResult::link_used;
  if (change.link_version) {
    const ChangeRecord* record = record_of(account->changes, *change.link_version);
    const bool in_force = change.latest_only == LatestOnly::no || account->version == *change.link_version;
    if (!in_force || record == nullptr || record->outcome != ChangeOutcome::pending ||
        record->new_email != change.new_email) {
      return ApplyResult::stale;
    }
  }
  if (change.email_key && email_is_held(*change.email_key, change.account_id)) return ApplyResult::email_taken;

  if (change.link_version) record_of(account->changes, *change.link_version)->outcome = ChangeOutcome::applied;
  supersede_pending(account->changes);
  if (account->version > 0) ++account->version;
  if (change.remember) remembered_.insert(change.remember->fingerprint);
  account->account.email = change.new_email;
  account->email_key = change.email_key;
  return ApplyResult::applied;
}

Result<void> MemoryStore::add_account(const NewAccount& account) {
  const std::lock_guard lock{mutex_};
  if (stored(account.id) != nullptr) return fail(ErrorCode::invalid_fields, "an account has the id " + account.id);
  if (account.email_key && email_is_held(*account.email_key, {})) {
    return fail(ErrorCode::email_already_registered, "an account has this address");
  }
  if (account.token && tokens_.count(*account.token) > 0) {
    return fail(ErrorCode::invalid_token, "the token is another account's");
  }
  if (account.token) tokens_.emplace(*account.token, account.id);
  StoredAccount added;
  added.account = {account.id, account.email, account.active, {}};
  added.email_key = account.email_key;
  accounts_.emplace(account.id, std::move(added));
  return {};
}

Result<void> MemoryStore::add_token(std::string_view account_id, const TokenHash& token, UnixTime) {
  const std::lock_guard lock{mutex_};
  if (stored(account_id) == nullptr) return fail(ErrorCode::user_not_found, "no account " + std::string{account_id});
  const auto [place, added] = tokens_.emplace(token, account_id);
  if (!added && place->second != account_id) return fail(ErrorCode::invalid_token, "the token is another account's");
  return {};
}

Result<std::optional<OutboxEntry>> MemoryStore::claim_next(UnixTime now, std::chrono::seconds lease) {
  const std::lock_guard lock{mutex_};
  StoredEntry* next = nullptr;
  for (StoredEntry& queued : outbox_) {
    const bool is_due = !queued.done && queued.due <= now;
    if (is_due && (next == nullptr || queued.due < next->due)) next = &queued;
  }
  if (next == nullptr) return std::optional<OutboxEntry>{};
  next->due = now + lease;
  return next->entry;
}

/// Null if the entry is settled or never was.
MemoryStore::StoredEntry* MemoryStore::queued_entry(std::int64_t id) {
  const auto place = std::find_if(outbox_.begin(), outbox_.end(),
                                  [&](const StoredEntry& queued) { return queued.entry.id == id && !queued.done; });
  return place != outbox_.end() ? &*place : nullptr;
}

Result<void> MemoryStore::finish(std::int64_t id) {
  const std::lock_guard lock{mutex_};
  StoredEntry* queued = queued_entry(id);
  if (queued == nullptr) return fail(ErrorCode::internal, "the outbox entry is gone or settled");
  queued->done = true;
  return {};
}
Result<void> MemoryStore::mark_sent(std::int64_t id, UnixTime) { return finish(id); }
Result<void> MemoryStore::mark_dropped(std::int64_t id, UnixTime, std::string_view) { return finish(id); }
Result<void> MemoryStore::mark_dead(std::int64_t id, UnixTime, std::string_view) { return finish(id); }

Result<void> MemoryStore::retry_at(std::int64_t id, UnixTime not_before, std::string_view) {
  const std::lock_guard lock{mutex_};
  StoredEntry* queued = queued_entry(id);
  if (queued == nullptr) return fail(ErrorCode::internal, "the outbox entry is gone or settled");
  queued->due = not_before;
  ++queued->entry.attempts;
  return {};
}

void MemoryStore::set_credential(const std::string& account_id, std::string credential) {
  const std::lock_guard lock{mutex_};
  stored(account_id)->account.credential = std::move(credential);
}

void MemoryStore::set_email(const std::string& account_id, std::string email) {
  const std::lock_guard lock{mutex_};
  stored(account_id)->account.email = std::move(email);
}

void MemoryStore::set_active(const std::string& account_id, bool active) {
  const std::lock_guard lock{mutex_};
  stored(account_id)->account.active = active;
}

}  // namespace waxseal::server
