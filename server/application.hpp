#pragma once
/// @file application.hpp
/// The composition root: turns a configuration into adapters and hands them to the flows. Everything that runs, the
/// server as well as a subcommand, gets its parts here.

#include <memory>
#include <string>

#include "adapters/idn/libidn2_encoder.hpp"
#include "adapters/jwt/libjwt_verifier.hpp"
#include "adapters/key_files/file_link_keys.hpp"
#include "adapters/key_files/key_directory.hpp"
#include "adapters/smtp/smtp_sender.hpp"
#include "adapters/system/spdlog_log.hpp"
#include "adapters/system/system_clock.hpp"
#include "adapters/system/system_random.hpp"
#include "config/settings.hpp"
#include "flows/authenticate.hpp"
#include "flows/deliver_mail.hpp"
#include "flows/limits.hpp"
#include "flows/link_issuer.hpp"
#include "flows/link_policy.hpp"
#include "http/api.hpp"
#include "ports/event_sender.hpp"
#include "ports/log.hpp"
#include "ports/storage_engine.hpp"

namespace waxseal::server {

/// The links' part of the settings, as the flows want it. The settings have no errors.
LinkPolicy link_policy_of(const Configuration& configuration);
MailPolicy mail_policy_of(const Settings& settings);
/// How many mails are handed over at once. One into a folder, for its names tell the order.
std::size_t mail_workers_of(const Settings& settings);
LimitPolicy limit_policy_of(const Settings& settings);
std::vector<AuthenticationScheme> authentication_schemes_of(const Settings& settings);
ApiSettings api_settings_of(const Settings& settings);

/// What is old enough to be forgotten. Change records are kept, beyond `storage.retention`, until no link on them can hold:
/// a mail may leave as late as `mail.give_up_after` and hold for its whole period then.
PruneBounds prune_bounds_of(const Settings& settings, UnixTime now);

LogLevel log_level_of(const Settings& settings);
LogFormat log_format_of(const Settings& settings);

/// The tables that the settings adopt, or our own.
AccountTables account_tables_of(const Settings& settings);

/// What `storage.url` names, not opened yet.
std::unique_ptr<StorageEngine> make_storage_engine(const Settings& settings);

/// Storage, keys and rules of one configuration. Opens lazily: a subcommand pays for what it uses.
class Application {
 public:
  /// @param configuration  Without errors. @param log  Outlives the application.
  Application(Configuration configuration, Log& log);
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  const Settings& settings() const { return configuration_.settings; }
  const LinkPolicy& policy() const { return policy_; }
  const EmailRules& rules() const { return rules_; }
  const std::vector<IpNetwork>& trusted_proxies() const { return configuration_.trusted_proxies; }
  const Clock& clock() const { return clock_; }
  RandomSource& random() { return random_; }
  Log& log() { return log_; }
  KeyDirectory key_directory() const { return KeyDirectory{settings().signing.keys_dir}; }

  /// The storage as it is, whatever its schema: to migrate it, and to look at it.
  StorageEngine& storage() { return *storage_; }

  /// The storage, once its schema is this program's and its uniqueness claims are those of the configuration.
  /// Fails with what AccountStore::check_ready and StorageEngine::reconcile_claims fail with.
  Result<StorageEngine*> open_storage();

  /// The keys of links, read from their files. Fails with:  what FileLinkKeys::open fails with, or
  ///   ErrorCode::internal  ed25519 links are to be made and there is no key
  Result<LinkKeys*> open_keys();

  /// Whether links are made that a key of `signing.keys_dir` must sign.
  bool signs_links() const;

  /// The keys of one scheme only, to sign with.
  Result<LinkKeys*> open_keys(Scheme scheme);

  /// Reads the keys again that a running server got from `open_keys`. See FileLinkKeys::reload. Any thread.
  void reload_keys() {
    if (keys_) keys_->reload();
  }

  /// What is wrong with the templates of the site's own, as errors of `register_email.templates_dir`.
  std::vector<Problem> check_templates() const;

  /// The storage as its operator sees it, once the schema is this program's: outbox, audit, pruning.
  Result<StorageEngine*> ready_storage();

  /// Who tells the site's webhook, or null if there is none.
  std::unique_ptr<EventSender> make_event_sender() const;

  /// What checks JWTs, or null if their scheme is off.
  /// Fails with:  ErrorCode::internal  the key is not one of the algorithm
  Result<std::unique_ptr<TokenVerifier>> make_token_verifier() const;

  /// What is wrong with the way that mails leave, found out without sending one: an error of the key that it is about.
  std::vector<Problem> probe_mail() const;

  /// The sender of the configured transport.
  std::unique_ptr<MailSender> make_mail_sender() const;

 private:
  enum class Needs { nothing, signing_key };
  Result<LinkKeys*> open_keys(LinkKeySources sources, Needs needs);
  std::string claim_basis() const;
  SmtpSettings smtp_settings() const;

  Configuration configuration_;
  Log& log_;
  LinkPolicy policy_;
  Libidn2Encoder encoder_;
  EmailRules rules_;
  SystemClock clock_;
  SystemRandom random_;
  std::unique_ptr<StorageEngine> storage_;
  std::unique_ptr<FileLinkKeys> keys_;
};

}  // namespace waxseal::server
