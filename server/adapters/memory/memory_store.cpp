#include "adapters/memory/memory_store.hpp"

#include <algorithm>
#include <iterator>

#include <waxseal/email_address.hpp>

namespace waxseal::server {
namespace {

/// A lost record must not let an old link live again.
LinkVersion first_link_version(UnixTime now) { return static_cast<LinkVersion>(to_unix_s(now)); }

}  // namespace

MemoryStore::StoredChange* MemoryStore::StoredAccount::change(LinkVersion of_version) {
  const auto place =
      std::find_if(changes.begin(), changes.end(), [&](const auto& made) { return made.version == of_version; });
  return place != changes.end() ? &*place : nullptr;
}

LinkVersion MemoryStore::StoredAccount::add_change(const std::string& new_email, ChangeOutcome outcome, UnixTime now) {
  version = version == 0 ? first_link_version(now) : version + 1;
  changes.push_back({{version, account.email, new_email, outcome}, now, now});
  return version;
}

void MemoryStore::StoredAccount::supersede_pending(UnixTime now) {
  for (StoredChange& made : changes) {
    if (made.outcome != ChangeOutcome::pending) continue;
    made.outcome = ChangeOutcome::superseded;
    made.settled_at = now;
  }
}

std::optional<ApplyResult> MemoryStore::StoredAccount::voided_since(UnixTime since,
                                                                    const std::string& new_email) const {
  std::optional<ApplyResult> voided;
  for (const StoredChange& made : changes) {
    const bool is_undone = made.outcome == ChangeOutcome::undone;
    if ((!is_undone && made.outcome != ChangeOutcome::cancelled) || made.settled_at < since) continue;
    if (is_undone && made.new_email == new_email) return ApplyResult::change_undone;
    voided = ApplyResult::link_cancelled;
  }
  return voided;
}

/// From the address in force.
MemoryStore::StoredChange* MemoryStore::StoredAccount::newest_pending(const std::string& new_email) {
  const auto place = std::find_if(changes.rbegin(), changes.rend(), [&](const StoredChange& made) {
    return made.outcome == ChangeOutcome::pending && made.old_email == account.email && made.new_email == new_email;
  });
  return place != changes.rend() ? &*place : nullptr;
}

/// Whether a change was applied among those that are void now.
bool MemoryStore::StoredAccount::withdraw(const ChangeRecord& pressed, UnixTime now) {
  LinkVersion first = pressed.version;
  const UnixTime requested_at = change(pressed.version)->requested_at;
  for (const StoredChange& made : changes) {  // the last applied before it: see change_steps.cpp
    const bool came_after = made.outcome == ChangeOutcome::applied && made.settled_at >= requested_at;
    if (made.version >= pressed.version || !came_after) continue;
    first = made.old_email == pressed.old_email ? made.version : pressed.version;
  }
  bool was_applied = false;
  for (StoredChange& made : changes) {
    const bool is_applied = made.outcome == ChangeOutcome::applied;
    const bool is_void = made.outcome == ChangeOutcome::cancelled || made.outcome == ChangeOutcome::undone;
    if (is_void || (made.version < first && made.outcome != ChangeOutcome::pending)) continue;
    was_applied = was_applied || is_applied;
    made.outcome = is_applied ? ChangeOutcome::undone : ChangeOutcome::cancelled;
    made.settled_at = now;
  }
  return was_applied;
}

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
  const StoredChange* change = found->change(found->version);
  const bool pending = change != nullptr && change->outcome == ChangeOutcome::pending;
  return LinkState{found->version, pending ? std::optional{change->new_email} : std::nullopt};
}

Result<std::optional<ChangeRecord>> MemoryStore::find_change(std::string_view account_id, LinkVersion version) {
  const std::lock_guard lock{mutex_};
  StoredAccount* found = stored(account_id);
  const StoredChange* change = found != nullptr ? found->change(version) : nullptr;
  return change != nullptr ? std::optional<ChangeRecord>{*change} : std::nullopt;
}

Result<bool> MemoryStore::is_link_remembered(const ByteArray<32>& fingerprint) {
  const std::lock_guard lock{mutex_};
  return remembered_.count(fingerprint) > 0;
}

tl::expected<LinkVersion, RequestRefusal> MemoryStore::request_change(const ChangeRequest& request) {
  const std::lock_guard lock{mutex_};
  StoredAccount* account = stored(request.account_id);
  if (account == nullptr) return fail(ErrorCode::user_not_found, "no account " + request.account_id);
  if (const auto reached = charge_locked(request.limits, request.now)) {
    return tl::make_unexpected(RequestRefusal{*reached});
  }
  const std::string& current_email = account->account.email;
  const StoredChange* pending = account->change(account->version);
  const bool asked_again = pending != nullptr && pending->outcome == ChangeOutcome::pending &&
                           pending->old_email == current_email && pending->new_email == request.new_email;
  if (!asked_again) {
    if (request.latest_only == LatestOnly::yes) account->supersede_pending(request.now);
    account->add_change(request.new_email, ChangeOutcome::pending, request.now);
  }
  if (request.notice) queue_notice(*account, *account->change(account->version), *request.notice, request.now);
  if (request.mail) {
    const bool taken = request.email_key &&
                       (request.new_email == current_email || email_is_held(*request.email_key, request.account_id));
    queue({0, taken ? request.mail->if_taken : request.mail->if_free, request.account_id, request.new_email,
           account->version, request.mail->language, request.mail->message_token, request.now, 0});
  }
  audit_.push_back(audit_of(request, current_email, account->version));
  return account->version;
}

std::optional<LimitReached> MemoryStore::charge_locked(const std::vector<LimitCharge>& limits, UnixTime now) {
  std::optional<LimitReached> reached;
  std::map<ByteArray<32>, LimitLevel> used = limits_;
  for (const LimitCharge& charge : limits) {
    const auto level = limits_.find(charge.subject);
    const LimitUse use =
        use_limit(level != limits_.end() ? std::optional{level->second} : std::nullopt, charge.rate, now);
    keep_longer(reached, charge, use);
    used[charge.subject] = use.level;
  }
  if (reached) return reached;
  std::erase_if(used, [&](const auto& entry) { return entry.second <= limit_level_of(now); });
  limits_ = std::move(used);
  return std::nullopt;
}

tl::expected<void, RequestRefusal> MemoryStore::charge(const std::vector<LimitCharge>& limits, UnixTime now) {
  const std::lock_guard lock{mutex_};
  if (const auto reached = charge_locked(limits, now)) return tl::make_unexpected(RequestRefusal{*reached});
  return {};
}

Result<ApplyResult> MemoryStore::apply(const ChangeToApply& change) {
  const std::lock_guard lock{mutex_};
  StoredAccount* account = stored(change.account_id);
  if (account == nullptr || account->account.email != change.current_email ||
      (change.credential && account->account.credential != *change.credential)) {
    return ApplyResult::stale;
  }
  if (change.require_active == RequireActive::yes && !account->account.active) return ApplyResult::stale;
  if (change.signed_at) {
    if (const auto voided = account->voided_since(*change.signed_at, change.new_email)) return *voided;
  }
  if (change.remember && remembered_.count(change.remember->fingerprint) > 0) return ApplyResult::link_used;
  StoredChange* settled =
      change.link_version ? account->change(*change.link_version) : account->newest_pending(change.new_email);
  if (change.link_version) {
    const bool in_force = change.latest_only == LatestOnly::no || account->version == *change.link_version;
    if (!in_force || settled == nullptr || settled->outcome != ChangeOutcome::pending ||
        settled->old_email != change.current_email || settled->new_email != change.new_email) {
      return ApplyResult::stale;
    }
  }
  if (change.email_key && email_is_held(*change.email_key, change.account_id)) return ApplyResult::email_taken;

  if (settled != nullptr) {
    settled->outcome = ChangeOutcome::applied;
    settled->settled_at = change.now;
    ++account->version;
  } else {
    settled = account->change(account->add_change(change.new_email, ChangeOutcome::applied, change.now));
  }
  account->supersede_pending(change.now);
  if (change.notice) queue_notice(*account, *settled, *change.notice, change.now);
  if (change.remember) remembered_.insert(change.remember->fingerprint);
  audit_.push_back(audit_of(change, settled->version));
  account->account.email = change.new_email;
  account->email_key = change.email_key;
  if (change.event) queue_event(change_told_by(change), change.event->message_token);
  return ApplyResult::applied;
}

Result<UndoAnswer> MemoryStore::undo(const ChangeToUndo& change) {
  const std::lock_guard lock{mutex_};
  StoredAccount* account = stored(change.account_id);
  const bool must_be_active = change.require_active == RequireActive::yes;
  if (account == nullptr || (must_be_active && !account->account.active)) return UndoAnswer{UndoResult::no_account};
  const StoredChange* pressed = account->change(change.version);
  if (pressed == nullptr || pressed->old_email != change.old_email) return UndoAnswer{UndoResult::no_record};
  if (pressed->outcome == ChangeOutcome::undone) return UndoAnswer{UndoResult::undone_before};
  if (pressed->outcome == ChangeOutcome::cancelled) return UndoAnswer{UndoResult::cancelled_before};

  const UnixTime now = change.now();
  StoredAccount undone = *account;  // put in its place once nothing can be refused any more
  const bool was_applied = undone.withdraw(*pressed, now);
  ++undone.version;
  UndoAnswer answer{UndoResult::undone};
  if (was_applied && account->account.email != change.old_email) {
    if (change.email_key && email_is_held(*change.email_key, change.account_id))
      return UndoAnswer{UndoResult::email_taken};
    answer.displaced_email = account->account.email;
    undone.account.email = change.old_email;
    undone.email_key = change.email_key;
    const auto tell = [&](const std::string& address, const NoticeOrder& order) {
      queue({0, MailKind::change_undone, change.account_id, address, change.version, order.language,
             order.message_token, now, 0});
    };
    tell(change.old_email, change.to_restored);
    if (!account->account.email.empty()) tell(account->account.email, change.to_displaced);
    if (change.event) queue_event(change_told_by(change, account->account.email, now), change.event->message_token);
  }
  audit_.push_back(audit_of(change, *pressed, account->account.email, was_applied, now));
  *account = std::move(undone);
  return answer;
}

/// Gives the entry its number.
void MemoryStore::queue(OutboxEntry entry) {
  entry.id = static_cast<std::int64_t>(outbox_.size() + 1);
  const UnixTime due = entry.created_at;
  entry.wanted_since = due;
  outbox_.push_back({std::move(entry), due});
}

void MemoryStore::queue_notice(const StoredAccount& account, const ChangeRecord& change, const NoticeOrder& order,
                               UnixTime now) {
  if (change.old_email.empty() || change.old_email == change.new_email) return;
  const bool told = std::any_of(outbox_.begin(), outbox_.end(), [&](const StoredEntry& queued) {
    return queued.entry.kind == MailKind::change_notice && queued.entry.account_id == account.account.id &&
           queued.entry.version == change.version && queued.entry.created_at > now - notice_holds;
  });
  if (told) return;
  queue({0, MailKind::change_notice, account.account.id, change.old_email, change.version, order.language,
         order.message_token, now, 0});
}

void MemoryStore::queue_event(const EmailChange& change, const std::string& token) {
  OutboxEntry entry;
  entry.account_id = change.account_id;
  entry.address = change.new_email;
  entry.message_token = token;
  entry.created_at = change.at;
  entry.event = change;
  queue(std::move(entry));
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

Result<std::vector<AuditEntry>> MemoryStore::list(const AuditSelection& selection, std::size_t most) {
  const std::lock_guard lock{mutex_};
  const auto is_selected = [&](const AuditEntry& entry) {
    const std::string address = ascii_lower(selection.address.value_or(""));
    return entry.account_id == selection.account_id.value_or(entry.account_id) &&
           (!selection.address || ascii_lower(entry.old_email) == address || ascii_lower(entry.new_email) == address) &&
           entry.at >= selection.since.value_or(entry.at) && (!selection.before || entry.at < *selection.before);
  };
  std::vector<AuditEntry> found;
  std::copy_if(audit_.begin(), audit_.end(), std::back_inserter(found), is_selected);
  if (found.size() > most) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(most));
  return found;
}

Result<std::optional<OutboxEntry>> MemoryStore::claim_next(OutboxQueue queue, UnixTime now,
                                                           std::chrono::seconds lease) {
  const std::lock_guard lock{mutex_};
  StoredEntry* next = nullptr;
  for (StoredEntry& queued : outbox_) {
    const bool is_ours = queued.entry.event.has_value() == (queue == OutboxQueue::events);
    const bool is_due = is_ours && !queued.done && (queued.due <= now || queued.due > now + longest_outbox_wait);
    if (is_due && (next == nullptr || queued.due < next->due)) next = &queued;
  }
  if (next == nullptr) return std::optional<OutboxEntry>{};
  next->due = now + lease;
  next->entry.held_until = next->due;
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

Result<void> MemoryStore::retry_at(const OutboxEntry& entry, UnixTime not_before, std::string_view) {
  const std::lock_guard lock{mutex_};
  StoredEntry* queued = queued_entry(entry.id);
  if (queued == nullptr || queued->due != entry.held_until)
    return fail(ErrorCode::internal, "the outbox entry is gone or settled");
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
