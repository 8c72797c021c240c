#pragma once
/// @file storages.hpp
/// Every store behind one face, so that one contract suite runs on all of them, and the few steps that its cases share.

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "adapters/memory/memory_store.hpp"
#include "adapters/sqlite/sqlite_audit.hpp"
#include "adapters/sqlite/sqlite_migrations.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "support/must.hpp"
#include "support/temp_folder.hpp"

namespace waxseal::test {

using server::Account;
using server::AccountAdmin;
using server::AccountStore;
using server::AuditTrail;
using server::ChangeRequest;
using server::ChangeToApply;
using server::ChangeToUndo;
using server::LatestOnly;
using server::LinkState;
using server::MailKind;
using server::MailOrder;
using server::Outbox;

struct MemoryStorage {
  AccountStore& accounts() { return store; }
  AccountAdmin& admin() { return store; }
  Outbox& outbox() { return store; }
  AuditTrail& audit() { return store; }

  static constexpr const char* configured_credential = "";
  server::MemoryStore store;
};

/// Every row of every table of a file, as text.
inline std::string dump_sqlite(const std::filesystem::path& file) {
  const SQLite::Database database{file.string(), SQLite::OPEN_READONLY};
  std::ostringstream text;
  SQLite::Statement tables{database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"};
  while (tables.executeStep()) {
    const std::string table = tables.getColumn(0).getString();
    text << table << "\n";
    SQLite::Statement rows{database, "SELECT * FROM \"" + table + "\" ORDER BY 1"};
    while (rows.executeStep()) {
      for (int column = 0; column < rows.getColumnCount(); ++column) text << "|" << rows.getColumn(column).getString();
      text << "\n";
    }
  }
  return text.str();
}

struct SqliteStorage {
  SqliteStorage() { must(server::migrate_sqlite(database)); }
  AccountStore& accounts() { return store; }
  AccountAdmin& admin() { return store; }
  Outbox& outbox() { return mails; }
  AuditTrail& audit() { return trail; }
  std::filesystem::path file() const { return folder / "waxseal.db"; }
  std::string dump() const { return dump_sqlite(file()); }

  static constexpr const char* configured_credential = "";
  TempFolder folder;
  server::SqliteDatabase database{file().string(), 4};
  server::SqliteStore store{database};
  server::SqliteOutbox mails{database};
  server::SqliteAuditTrail trail{database};
};

inline constexpr UnixTime noon = from_unix_s(1700000000);

inline ByteArray<32> fingerprint(std::uint8_t number) {
  ByteArray<32> bytes{};
  bytes.fill(number);
  return bytes;
}

template <typename Storage>
void add_account(Storage& storage, const std::string& id, const std::string& email, bool active = true) {
  must(storage.admin().add_account({id, email, email, active}));
}

/// A request that mails nothing; addresses are their own uniqueness keys.
inline ChangeRequest request_for(const std::string& id, const std::string& email) {
  ChangeRequest request;
  request.account_id = id;
  request.new_email = email;
  request.email_key = email;
  request.now = noon;
  return request;
}

/// The same, with a mail whose token is `token`.
inline ChangeRequest mailed_request(const std::string& id, const std::string& email, const std::string& token) {
  ChangeRequest request = request_for(id, email);
  request.mail = MailOrder{MailKind::verify_email, MailKind::email_in_use, "en", token};
  return request;
}

inline ChangeToApply change_to(const std::string& id, const std::string& current, const std::string& email,
                               std::optional<LinkVersion> version = std::nullopt) {
  ChangeToApply change;
  change.account_id = id;
  change.current_email = current;
  change.new_email = email;
  change.email_key = email;
  change.link_version = version;
  change.now = noon;
  return change;
}

/// A press of "this wasn't me" for the change of that version.
inline ChangeToUndo undo_of(const std::string& id, LinkVersion version, const std::string& old_email) {
  ChangeToUndo change;
  change.account_id = id;
  change.version = version;
  change.old_email = old_email;
  change.email_key = old_email;
  change.to_restored = {"en", "to restored"};
  change.to_displaced = {"en", "to displaced"};
  change.now = [] { return noon; };
  return change;
}

/// Whether some account holds the uniqueness key: another one that wants it is then refused.
template <typename Storage>
bool is_taken(Storage& storage, const std::string& email_key) {
  if constexpr (requires { storage.is_taken(email_key); }) return storage.is_taken(email_key);
  static int probes = 0;
  const std::string id = "probe " + std::to_string(++probes);
  if (!storage.admin().add_account({id, email_key, email_key, true})) return true;
  ChangeToApply release = change_to(id, email_key, "");
  release.email_key.reset();
  must(storage.accounts().apply(release));
  return false;
}

/// All that the ports tell of some accounts, addresses and links, as text: compared before and after a refusal.
template <typename Storage>
std::string state_of(Storage& storage, const std::vector<std::string>& ids,
                     const std::vector<std::string>& email_keys) {
  std::ostringstream text;
  AccountStore& accounts = storage.accounts();
  for (const std::string& id : ids) {
    const std::optional<Account> account = accounts.find_account(id).value();
    const LinkState links = accounts.link_state(id).value();
    text << id << " " << (account ? account->email : "-") << " " << (account && account->active) << " v"
         << links.version << " " << links.pending_email.value_or("-") << "\n";
    const LinkVersion first = static_cast<LinkVersion>(to_unix_s(noon));
    for (LinkVersion version = first; version < first + 8; ++version) {
      const auto change = accounts.find_change(id, version).value();
      if (!change) continue;
      text << "  v" << version << " " << change->old_email << ">" << change->new_email << " "
           << static_cast<int>(change->outcome) << "\n";
    }
  }
  for (std::uint8_t number = 0; number < 4; ++number) {
    text << accounts.is_link_remembered(fingerprint(number)).value() << " ";
  }
  if constexpr (requires { storage.dump(); }) {
    text << "\n" << storage.dump();
  } else {
    for (const std::string& key : email_keys) text << key << " " << is_taken(storage, key) << "\n";
  }
  return text.str();
}

}  // namespace waxseal::test
