#include "recorded_backend.hpp"

#include <stdexcept>

#include "adapters/file_mail/mail_reader.hpp"
#include "adapters/sqlite/sqlite_migrations.hpp"

namespace waxseal::test {
namespace {

using nlohmann::json;

/// A while after the recorded links were signed (1795000000), within the shortest recorded period.
constexpr std::int64_t recorded_now_unix_s = 1795100000;

template <typename T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error{result.error().log_detail};
  return std::move(*result);
}

void require(const Result<void>& result) {
  if (!result) throw std::runtime_error{result.error().log_detail};
}

/// The recorded settings in our names; what is absent there has DRR's default.
server::Configuration configuration_of(const json& recorded) {
  server::Configuration configuration;
  server::Settings& settings = configuration.settings;
  settings.signing.issue = "django";
  settings.signing.accept = {"django"};
  configuration.secrets.django_secrets = {recorded.at("secret").get<std::string>()};
  settings.register_email.verification_period = std::chrono::hours{24 * recorded.value("period_days", 7)};
  settings.register_email.verification_enabled = recorded.value("enabled", true);
  settings.users.email_unique = recorded.at("email_unique").get<bool>();
  settings.users.require_active = recorded.value("account_verification", false);
  if (recorded.value("non_field_errors_key", false)) settings.http.non_field_errors_key = "non_field_errors";

  settings.limits = {"", "", "", "", ""};
  settings.register_email.email_policy = "django";
  settings.users.email_match = "exact";
  settings.register_email.one_time_use = false;
  settings.register_email.latest_only = false;
  settings.register_email.notify_old_address = false;
  settings.register_email.from = "no-reply@example.com";
  settings.register_email.verification_url = verification_url;
  return configuration;
}

/// Copies a database that was migrated once: the replay needs hundreds of fresh ones.
std::string fresh_database(const TempFolder& folder) {
  static const TempFolder template_folder;
  static const std::filesystem::path template_file = [] {
    const std::filesystem::path file = template_folder / "migrated.db";
    server::SqliteDatabase database{file.string(), 1};
    value_of(server::migrate_sqlite(database));
    return file;
  }();
  const std::filesystem::path file = folder / "waxseal.db";
  std::filesystem::copy_file(template_file, file);
  return file.string();
}

std::unique_ptr<server::FileLinkKeys> keys_of(const server::Configuration& configuration, server::Log& log) {
  return value_of(server::FileLinkKeys::open({std::nullopt, configuration.secrets.django_secrets}, log));
}

/// The value of a header that stands once and is not folded.
std::string header_of(const std::string& message, const std::string& name) {
  const std::size_t start = message.find("\r\n" + name + ": ");
  if (start == std::string::npos) return {};
  const std::size_t value = start + name.size() + 4;
  return message.substr(value, message.find("\r\n", value) - value);
}

json described(const server::Message& message) {
  const server::ReadMail mail = server::read_mail(message.bytes);
  if (mail.to != message.envelope_to) throw std::runtime_error{"To and the envelope differ"};
  return {{"to", json::array({mail.to})},
          {"from", mail.from},
          {"reply_to", json::array({header_of(message.bytes, "Reply-To")})},
          {"has_link", mail.text.find(std::string{verification_url} + "?") != std::string::npos}};
}

}  // namespace

RecordedBackend::RecordedBackend(const json& row)
    : configuration_(configuration_of(row.at("settings"))),
      users_(row.at("users")),
      database_(fresh_database(folder_), 2),
      keys_(keys_of(configuration_, log_)),
      clock_(recorded_now_unix_s),
      api_(configuration_, {store_, *keys_, clock_}),
      mail_policy_(server::mail_policy_of(configuration_.settings)) {
  const auto key_of = [this](std::string_view email) { return api_.rules().uniqueness_key(email); };
  require(store_.reconcile_claims(configuration_.settings.users.email_unique ? "exact" : "none", key_of));
  add_users();
}

void RecordedBackend::add_users() {
  for (const json& user : users_) {
    const std::string id = user.at("id").dump();
    const std::string email = user.at("email").get<std::string>();
    require(store_.add_account({id, email, api_.rules().uniqueness_key(email), user.at("active").get<bool>()}));
    require(store_.add_token(id, server::hash_of_token(user.at("token").get<std::string>()), clock_.now()));
  }
}

json RecordedBackend::deliver_mails() {
  server::DeliverMail deliver{
      api_.policy(),
      mail_policy_,
      api_.rules(),
      {api_.policy(), *keys_},
      {store_, outbox_, templates_, time_words_, composer_, sender_, clock_, api_.random(), log_}};
  while (deliver.deliver_next()) {
  }
  json mails = json::array();
  for (const server::Message& message : sender_.attempts) mails.push_back(described(message));
  return mails;
}

json RecordedBackend::emails() {
  json emails = json::object();
  for (const json& user : users_) {
    const std::string id = user.at("id").dump();
    const auto account = value_of(store_.find_account(id));
    emails[id] = account ? account->email : "(gone)";
  }
  return emails;
}

}  // namespace waxseal::test
