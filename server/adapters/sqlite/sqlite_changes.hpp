#pragma once
/// @file sqlite_changes.hpp
/// The change record of an account, and the mails that go with it. Private to this adapter.

#include <optional>
#include <string>
#include <string_view>

#include "adapters/sqlite/sqlite_database.hpp"
#include "ports/account_store.hpp"

namespace waxseal::server {

/// One account's record as one transaction sees it; lives no longer than it. What writes needs a SqliteWrite around it.
class SqliteChanges {
 public:
  /// @param account_id  Outlives the object. @param now  When what is written here happens.
  SqliteChanges(SqliteConnection& connection, std::string_view account_id, UnixTime now)
      : connection_(connection), account_id_(account_id), now_(now) {}

  LinkState state();
  std::optional<ChangeRecord> find(LinkVersion version);

  /// Whether the change of this version waits for its press, from and to just these addresses.
  bool is_pending(LinkVersion version, const std::string& old_email, const std::string& new_email);

  /// Opens a pending change under a new version, which it returns.
  LinkVersion open(const std::string& old_email, const std::string& new_email);

  /// Closes the change of this version as applied; false unless `is_pending`.
  bool close_applied(LinkVersion version, const std::string& old_email, const std::string& new_email);

  /// The record of a change that no version names, applied: see AccountStore::apply. @return  Its version.
  LinkVersion record_applied(const std::string& old_email, const std::string& new_email);

  void supersede_pending();
  void raise_version();

  /// Whether an undo voided links signed at `since`, and whether the one to `new_email` was among the undone.
  std::optional<ApplyResult> voided_since(UnixTime since, const std::string& new_email);

  /// Voids `pressed`, what followed it and whatever is pending. @return  Whether a change was applied among them.
  bool withdraw(const ChangeRecord& pressed);

  /// Queues a mail. Of notices of a change (MailKind::change_notice) each version has one, which is sent anew if it is older
  /// than `notice_holds`.
  void queue_mail(MailKind kind, const std::string& address, LinkVersion version, const NoticeOrder& order);

 private:
  LinkVersion next_version();
  LinkVersion insert(const std::string& old_email, const std::string& new_email, const char* outcome);
  LinkVersion first_to_withdraw(const ChangeRecord& pressed);

  SqliteConnection& connection_;
  std::string_view account_id_;
  UnixTime now_;
};

}  // namespace waxseal::server
