#include "application.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "adapters/file_mail/file_mail_sender.hpp"
#include "adapters/postgres/postgres_engine.hpp"
#include "adapters/sendmail/sendmail_sender.hpp"
#include "adapters/sqlite/sqlite_engine.hpp"
#include "adapters/templates/built_in_templates.hpp"
#include "adapters/templates/folder_templates.hpp"
#include "adapters/templates/sentences.hpp"
#include "adapters/webhook/webhook_sender.hpp"
#include "config/setting_keys.hpp"
#include "values/text.hpp"

namespace waxseal::server {
namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";
/// One writes at a time, and a reading takes microseconds: more connections than these would hold memory and no more.
constexpr std::size_t sqlite_connections = 8;

/// While the file or the disk stands still, half of the threads go on with what needs no write.
std::size_t most_waiting_writes(const Settings& settings) {
  return std::max<std::size_t>(static_cast<std::size_t>(settings.server.threads) / 2, 1);
}
/// Each is a process of the database server, and every node has its own: a few do the work of many threads.
constexpr std::size_t postgres_connections = 16;

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

/// Host and port of the page that links lead to; without any page the domain that mails come from.
std::string site_of(const Settings::RegisterEmail& links) {
  for (const std::string& url : {links.verification_url, links.url_template, links.undo_url}) {
    const std::size_t scheme_end = url.find("://");
    if (scheme_end == std::string::npos) continue;
    const std::size_t host = scheme_end + 3;
    return url.substr(host, url.find_first_of("/?#", host) - host);
  }
  const std::size_t domain = links.from.rfind('@') + 1;
  return links.from.substr(domain, links.from.find('>', domain) - domain);
}

}  // namespace

AccountTables account_tables_of(const Settings& settings) {
  const Settings::Users& users = settings.users;
  if (users.table.empty()) return {};
  return {users.table,         users.id_column,         users.email_column,
          users.active_column, users.credential_column, settings.auth.token_table};
}

std::unique_ptr<StorageEngine> make_storage_engine(const Settings& settings) {
  const std::string& url = settings.storage.url;
  if (is_postgres_url(url)) {
    return std::make_unique<PostgresEngine>(PostgresUrl::parse(url).value(), postgres_connections,
                                            account_tables_of(settings));
  }
  return std::make_unique<SqliteEngine>(url.substr(sqlite_scheme.size()), sqlite_connections,
                                        most_waiting_writes(settings), account_tables_of(settings));
}

LinkPolicy link_policy_of(const Configuration& configuration) {
  const Settings& settings = configuration.settings;
  LinkPolicy policy;
  policy.verification_enabled = settings.register_email.verification_enabled;
  policy.period = settings.register_email.verification_period;
  policy.verification_url = settings.register_email.verification_url;
  policy.url_template = configuration.url_template;
  policy.issue = settings.signing.issue == "django" ? Scheme::django : Scheme::ed25519;
  policy.accept_ed25519 = contains(settings.signing.accept, "ed25519");
  policy.accept_django = contains(settings.signing.accept, "django");
  policy.latest_only = settings.register_email.latest_only;
  policy.one_time_use = settings.register_email.one_time_use;
  policy.notify_old_address = settings.register_email.notify_old_address && sends_mails(settings);
  policy.undo_url = settings.register_email.undo_url;
  policy.undo_period = settings.register_email.undo_period;
  policy.require_active = settings.users.require_active;
  policy.email_unique = settings.users.email_unique;
  policy.email_match = settings.users.email_match == "exact" ? EmailMatch::exact : EmailMatch::canonical;
  policy.email_policy = settings.register_email.email_policy == "django" ? EmailPolicy::django : EmailPolicy::strict;
  return policy;
}

MailPolicy mail_policy_of(const Settings& settings) {
  MailPolicy policy;
  policy.from = settings.register_email.from;
  policy.reply_to = unless_empty(settings.register_email.reply_to);
  policy.site = site_of(settings.register_email);
  policy.give_up_after = settings.mail.give_up_after;
  return policy;
}

std::size_t mail_workers_of(const Settings& settings) {
  return settings.mail.transport == "file" ? 1 : static_cast<std::size_t>(settings.mail.workers);
}

LimitPolicy limit_policy_of(const Settings& settings) {
  const Settings::Limits& limits = settings.limits;
  return {parse_rate(limits.per_user), parse_rate(limits.per_address), parse_rate(limits.per_domain),
          parse_rate(limits.per_ip), parse_rate(limits.global)};
}

std::vector<AuthenticationScheme> authentication_schemes_of(const Settings& settings) {
  std::vector<AuthenticationScheme> schemes;
  for (const std::string& name : settings.auth.schemes) {
    schemes.push_back(name == "proxy" ? AuthenticationScheme::proxy
                      : name == "jwt" ? AuthenticationScheme::jwt
                                      : AuthenticationScheme::token);
  }
  return schemes;
}

ApiSettings api_settings_of(const Settings& settings) {
  return {settings.server.base_path, settings.http.non_field_errors_key,      settings.register_email.default_language,
          mail_languages(),          ascii_lower(settings.auth.proxy_header), authentication_schemes_of(settings)};
}

PruneBounds prune_bounds_of(const Settings& settings, UnixTime now) {
  const Settings::RegisterEmail& links = settings.register_email;
  const auto longest_life = std::max(links.verification_period, links.undo_period) + settings.mail.give_up_after;
  return {now - settings.storage.retention, now - std::max(settings.storage.retention, longest_life), now};
}

LogLevel log_level_of(const Settings& settings) {
  const std::string& name = settings.log.level;
  if (name == "debug") return LogLevel::debug;
  if (name == "warning") return LogLevel::warning;
  return name == "error" ? LogLevel::error : LogLevel::info;
}

LogFormat log_format_of(const Settings& settings) {
  return settings.log.format == "json" ? LogFormat::json : LogFormat::text;
}

Application::Application(Configuration configuration, Log& log)
    : configuration_(std::move(configuration)),
      log_(log),
      policy_(link_policy_of(configuration_)),
      rules_(policy_, encoder_),
      storage_(make_storage_engine(settings())) {}

std::string Application::claim_basis() const { return policy_.email_unique ? settings().users.email_match : "none"; }

Result<StorageEngine*> Application::open_storage() {
  if (const auto ready = storage_->accounts().check_ready(); !ready) return tl::make_unexpected(ready.error());
  const auto key_of = [this](std::string_view email) { return rules_.uniqueness_key(email); };
  if (const auto claimed = storage_->reconcile_claims(claim_basis(), key_of); !claimed) {
    return tl::make_unexpected(claimed.error());
  }
  return storage_.get();
}

Result<LinkKeys*> Application::open_keys() {
  LinkKeySources sources;
  if (policy_.issue == Scheme::ed25519 || policy_.accept_ed25519 || !policy_.undo_url.empty())
    sources.keys_dir = unless_empty(settings().signing.keys_dir);
  if (policy_.issue == Scheme::django || policy_.accept_django)
    sources.django_secrets = configuration_.secrets.django_secrets;
  return open_keys(std::move(sources), signs_links() ? Needs::signing_key : Needs::nothing);
}

bool Application::signs_links() const {
  return (policy_.verification_enabled && policy_.issue == Scheme::ed25519) || !policy_.undo_url.empty();
}

Result<LinkKeys*> Application::open_keys(Scheme scheme) {
  LinkKeySources sources;
  if (scheme == Scheme::ed25519) sources.keys_dir = unless_empty(settings().signing.keys_dir);
  if (scheme == Scheme::django) sources.django_secrets = configuration_.secrets.django_secrets;
  return open_keys(std::move(sources), scheme == Scheme::ed25519 ? Needs::signing_key : Needs::nothing);
}

Result<LinkKeys*> Application::open_keys(LinkKeySources sources, Needs needs) {
  if (sources.keys_dir && !std::filesystem::exists(*sources.keys_dir)) {
    return fail(ErrorCode::internal, sources.keys_dir->string() + " does not exist: run `waxseal key new`");
  }
  auto keys = FileLinkKeys::open(std::move(sources), log_);
  if (!keys) return tl::make_unexpected(keys.error());
  if (needs == Needs::signing_key && (*keys)->current()->ring.newest() == nullptr) {
    return fail(ErrorCode::internal, settings().signing.keys_dir + " holds no key: run `waxseal key new`");
  }
  keys_ = std::move(*keys);
  return keys_.get();
}

std::vector<Problem> Application::check_templates() const {
  const BuiltInTemplates built_in;
  std::vector<Problem> problems;
  const FolderTemplates templates{settings().register_email.templates_dir, built_in};
  for (const FolderTemplates::Mistake& mistake : templates.mistakes()) {
    problems.push_back({Problem::Severity::error, "register_email.templates_dir", mistake.where, mistake.message});
  }
  return problems;
}

Result<StorageEngine*> Application::ready_storage() {
  if (const auto ready = storage_->accounts().check_ready(); !ready) return tl::make_unexpected(ready.error());
  return storage_.get();
}

std::unique_ptr<EventSender> Application::make_event_sender() const {
  const Settings::Webhooks& webhooks = settings().webhooks;
  if (webhooks.url.empty()) return nullptr;
  WebhookSettings webhook;
  webhook.url = webhooks.url;
  webhook.secret = configuration_.secrets.webhook;
  webhook.host_is_allowed = contains(webhooks.allow_hosts, webhooks.host());
  return std::make_unique<WebhookSender>(std::move(webhook), clock_);
}

Result<std::unique_ptr<TokenVerifier>> Application::make_token_verifier() const {
  const Settings::Auth& auth = settings().auth;
  if (!contains(auth.schemes, "jwt")) return std::unique_ptr<TokenVerifier>{};
  JwtSettings jwt;
  jwt.algorithm = auth.jwt_algorithm == "RS256"   ? JwtAlgorithm::rs256
                  : auth.jwt_algorithm == "ES256" ? JwtAlgorithm::es256
                                                  : JwtAlgorithm::hs256;
  jwt.key = configuration_.secrets.jwt_key;
  jwt.issuer = auth.jwt_issuer;
  jwt.audience = auth.jwt_audience;
  jwt.key_id = auth.jwt_key_id;
  jwt.account_claim = auth.jwt_account_claim;
  auto verifier = LibjwtVerifier::create(std::move(jwt));
  if (!verifier) return fail(verifier.error().code, "auth.jwt_key_file: " + verifier.error().log_detail);
  return std::move(*verifier);
}

std::unique_ptr<MailSender> Application::make_mail_sender() const {
  const Settings::Mail& mail = settings().mail;
  if (mail.transport == "sendmail") return std::make_unique<SendmailSender>(mail.sendmail_path, mail.timeout);
  if (mail.transport == "file") return std::make_unique<FileMailSender>(mail.directory, clock_);
  return std::make_unique<SmtpSender>(smtp_settings());
}

SmtpSettings Application::smtp_settings() const {
  const Settings::Mail& mail = settings().mail;
  SmtpSettings smtp;
  smtp.url = mail.smtp_url;
  smtp.user = unless_empty(mail.smtp_user);
  smtp.password = configuration_.secrets.smtp_password;
  smtp.tls_required = mail.tls == "required";
  smtp.ca_file = unless_empty(mail.ca_file);
  smtp.step_timeout = mail.timeout;
  return smtp;
}

std::vector<Problem> Application::probe_mail() const {
  const Settings::Mail& mail = settings().mail;
  std::vector<Problem> problems;
  const auto wrong = [&](const char* key, std::string message) {
    problems.push_back({Problem::Severity::error, key, "", std::move(message)});
  };
  if (!sends_mails(settings())) return problems;
  if (mail.transport == "smtp") {
    const auto reached = SmtpSender{smtp_settings()}.probe();
    if (!reached) wrong("mail.smtp_url", reached.error().reason);
  }
  if (mail.transport == "file") {
    std::filesystem::path folder = std::filesystem::absolute(mail.directory);  // the first mail makes it
    while (!std::filesystem::exists(folder)) folder = folder.parent_path();
    if (access(folder.c_str(), W_OK) != 0) wrong("mail.directory", folder.string() + " cannot be written by this user");
  }
  return problems;
}

}  // namespace waxseal::server
