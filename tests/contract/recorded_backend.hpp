#pragma once
/// @file recorded_backend.hpp
/// The backend of one recorded row: its settings, its users, the real flows on a real SQLite file. Only the mail stops
/// short of the wire, in a list.

#include <memory>

#include <nlohmann/json.hpp>

#include "adapters/key_files/file_link_keys.hpp"
#include "adapters/mime/gmime_composer.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "support/api_under_test.hpp"
#include "support/built_in_words.hpp"
#include "support/fake_mail.hpp"
#include "support/fixed_clock.hpp"
#include "support/recording_log.hpp"
#include "support/temp_folder.hpp"

namespace waxseal::test {

inline constexpr const char* verification_url = "https://frontend-host/verify-email/";

class RecordedBackend {
 public:
  /// @param row  Of http.jsonl: `settings` and `users` are read.
  explicit RecordedBackend(const nlohmann::json& row);

  const server::Router& router() const { return api_.router(); }
  server::Log& log() { return log_; }

  /// Sends what waits in the outbox. @return  Each mail as http.jsonl spells it: to, from, reply_to, has_link.
  nlohmann::json deliver_mails();

  /// The addresses by user id.
  nlohmann::json emails();

 private:
  void add_users();

  TempFolder folder_;
  RecordingLog log_;
  server::Configuration configuration_;
  nlohmann::json users_;
  server::SqliteDatabase database_;
  server::SqliteStore store_{database_};
  server::SqliteOutbox outbox_{database_};
  std::unique_ptr<server::FileLinkKeys> keys_;
  FixedClock clock_;
  ApiUnderTest api_;
  server::MailPolicy mail_policy_;
  BuiltInWords templates_;
  server::IcuTimeWords time_words_;
  server::GmimeComposer composer_;
  ScriptedSender sender_;
};

}  // namespace waxseal::test
