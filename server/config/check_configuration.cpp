#include "config/check_configuration.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "config/check_access.hpp"
#include "config/check_limits.hpp"
#include "config/check_server.hpp"
#include "config/check_storage.hpp"
#include "config/check_webhook.hpp"
#include "config/checker.hpp"
#include "config/secret_file.hpp"
#include "values/text.hpp"

namespace waxseal::server {
namespace {

constexpr std::size_t least_secret_bytes = 32;

bool is_page_url(const std::string& text) {
  return web_scheme_length(text) > 0 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

/// `address` or `Name <address>`, one of them: a comma outside quotes would make two. Whether the domain can be mailed is
/// not checked.
bool is_mailbox(const std::string& text) {
  const std::size_t bracket = text.rfind('<');
  std::string name, address = text;
  if (bracket != std::string::npos) {
    if (text.back() != '>') return false;
    name = text.substr(0, bracket);
    address = text.substr(bracket + 1, text.size() - bracket - 2);
  }
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_control)) return false;
  name.erase(name.find_last_not_of(' ') + 1);
  const bool quoted = name.size() >= 2 && name.front() == '"' && name.find('"', 1) == name.size() - 1;
  if (!quoted && name.find_first_of(",;:<>@()[]\\\"") != std::string::npos) return false;
  const std::size_t at = address.find('@');
  return at != 0 && at != std::string::npos && at + 1 < address.size() &&
         address.find('@', at + 1) == std::string::npos && address.find_first_of(" ,;:<>()[]\\\"") == std::string::npos;
}

bool is_program(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

bool is_readable_file(const std::string& path) { return std::ifstream{path}.good(); }

void check_adoption(const Settings& settings, Checker& check) {
  const auto& users = settings.users;
  const std::string& tokens = settings.auth.token_table;
  if (users.table.empty()) {
    if (!tokens.empty()) check.error("users.table", "is missing: the table whose accounts auth.token_table is about");
    return;
  }
  const bool token_scheme = contains(settings.auth.schemes, "token");
  if (token_scheme && tokens.empty()) {
    check.error("auth.token_table",
                "is missing: the tokens of accounts of an adopted table; or leave \"token\" out of auth.schemes");
  }
  if (!token_scheme && !tokens.empty()) {
    check.error("auth.token_table", "has no effect: auth.schemes lacks \"token\"");
  }
  if (users.id_column.empty()) check.error("users.id_column", "must name a column of " + users.table);
  if (users.email_column.empty()) check.error("users.email_column", "must name a column of " + users.table);
  for (const std::string& other : {users.id_column, users.active_column, users.credential_column}) {
    if (!other.empty() && ascii_lower(other) == ascii_lower(users.email_column)) {
      check.error("users.email_column", "names " + other + ", which is configured to hold something else");
    }
  }
  if (users.email_unique) {
    check.warning("users.email_unique", "covers what Waxseal writes: another writer of " + users.table +
                                            " can still give one address to two accounts");
  }
}

void check_pages(Configuration& configuration, Checker& check) {
  const auto& links = configuration.settings.register_email;
  if (!links.verification_enabled) return;
  if (links.verification_url.empty() == links.url_template.empty()) {
    check.error("register_email.verification_url",
                links.url_template.empty()
                    ? "is missing: the page that links lead to, e.g. \"https://app.example/verify-email/\""
                    : "stands beside url_template: give one of the two");
  } else if (!links.verification_url.empty() && !is_page_url(links.verification_url)) {
    check.error("register_email.verification_url", "must be an absolute http or https URL in ASCII");
  }
  if (!links.url_template.empty()) {
    auto parsed = LinkTemplate::parse(links.url_template);
    if (parsed) {
      configuration.url_template = std::move(*parsed);
    } else {
      check.error("register_email.url_template", parsed.error().log_detail);
    }
  }
}

void check_sender(const Settings& settings, Checker& check) {
  const auto& links = settings.register_email;
  if (!sends_mails(settings)) return;
  if (links.from.empty())
    check.error("register_email.from", "is missing: the sender of mails, e.g. \"Example <no-reply@example.com>\"");
  if (!links.from.empty() && !is_mailbox(links.from))
    check.error("register_email.from", "must be one address, or Name <address>");
  if (!links.reply_to.empty() && !is_mailbox(links.reply_to)) {
    check.error("register_email.reply_to", "must be one address, or Name <address>");
  }
}

/// The notice to the old address and the link in it.
void check_notice(const Settings& settings, Checker& check) {
  const auto& links = settings.register_email;
  if (links.notify_old_address && !sends_mails(settings)) {
    check.warning("register_email.notify_old_address",
                  "no notice is sent: there is no register_email.from, or no transport of [mail]");
  }
  if (links.undo_url.empty()) return;
  if (!is_page_url(links.undo_url)) {
    check.error("register_email.undo_url", "must be an absolute http or https URL in ASCII");
  } else if (!links.notify_old_address) {
    check.error("register_email.undo_url", "contradicts notify_old_address = false: nobody would get the link");
  } else if (!sends_mails(settings)) {
    check.error("register_email.undo_url",
                "needs register_email.from and a transport of [mail]: nobody would get the link");
  }
  if (settings.signing.keys_dir.empty()) {
    check.error("signing.keys_dir",
                "is missing: undo links (register_email.undo_url) are signed with its ed25519 keys");
  }
  if (links.verification_enabled && links.undo_period < links.verification_period) {
    check.warning("register_email.undo_period",
                  "is shorter than verification_period: a change that is confirmed late "
                  "cannot be undone any more");
  }
}

/// @param secrets  The current one first, then the fallbacks.
void check_django_secrets(const std::vector<std::string>& secrets, bool used, Checker& check) {
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    const char* key = i == 0 ? "signing.django_secret_file" : "signing.django_secret_fallback_files";
    if (secrets[i].find_first_not_of(" \t\r\n") == std::string::npos) {
      check.error(key, "the secret is empty: anybody could sign");
    } else if (used && secrets[i].size() < least_secret_bytes) {
      check.warning(key, "the secret has under 32 bytes: it may be guessed");
    }
  }
}

void check_signing(const Configuration& configuration, Checker& check) {
  const Settings& settings = configuration.settings;
  const auto& signing = settings.signing;
  if (!contains(signing.accept, signing.issue)) {
    check.error("signing.accept",
                "lacks \"" + signing.issue + "\", which signing.issue makes: its links would be refused");
  }
  const bool uses_ed25519 = signing.issue == "ed25519" || contains(signing.accept, "ed25519");
  const bool uses_django = signing.issue == "django" || contains(signing.accept, "django");
  if (settings.register_email.verification_enabled && uses_ed25519 && signing.keys_dir.empty()) {
    check.error("signing.keys_dir", "is missing: the folder of the signing keys; `waxseal key new` makes it");
  }
  if (uses_ed25519 && !settings.register_email.one_time_use) {
    check.warning("register_email.one_time_use",
                  "an ed25519 link works once all the same; false means django links only");
  }
  if (uses_django && configuration.secrets.django_secrets.empty()) {
    check.error("signing.django_secret_file", "is missing: the file with Django's SECRET_KEY");
  }
  check_django_secrets(configuration.secrets.django_secrets, uses_django, check);
}

void check_mail(const Configuration& configuration, Checker& check) {
  const Settings& settings = configuration.settings;
  const auto& mail = settings.mail;
  if (!sends_mails(settings)) return;
  if (mail.transport == "file") {
    if (mail.directory.empty()) check.error("mail.directory", "is missing: the folder for transport = \"file\"");
    return;
  }
  if (mail.transport == "sendmail") {
    if (mail.sendmail_path.empty() || mail.sendmail_path.front() != '/') {
      check.error("mail.sendmail_path", "must be an absolute path, e.g. \"/usr/sbin/sendmail\"");
    } else if (!is_program(mail.sendmail_path)) {
      check.error("mail.sendmail_path", mail.sendmail_path + " is no program that this user may run");
    }
    return;
  }
  const std::size_t scheme = mail.smtp_url.rfind("smtp://", 0) == 0    ? 7
                             : mail.smtp_url.rfind("smtps://", 0) == 0 ? 8
                                                                       : 0;
  if (scheme == 0 || mail.smtp_url.size() == scheme)
    check.error("mail.smtp_url", "must be smtp://HOST:PORT or smtps://HOST");
  if (mail.smtp_url.find('@') != std::string::npos)
    check.error("mail.smtp_url", "holds a login: use smtp_user and smtp_password_file");
  if (mail.tls == "none" && mail.smtp_url.rfind("smtps://", 0) == 0)
    check.error("mail.tls", "\"none\" contradicts smtps://");
  if (mail.tls == "none" && !mail.smtp_user.empty())
    check.error("mail.tls", "\"none\" would send the password in the clear");
  if (!mail.smtp_user.empty() && configuration.secrets.smtp_password.empty()) {
    check.error("mail.smtp_password_file", "is missing or empty: smtp_user has no password");
  }
  if (!mail.ca_file.empty() && !is_readable_file(mail.ca_file))
    check.error("mail.ca_file", mail.ca_file + " cannot be read");
  if (mail.tls == "none")
    check.warning("mail.tls", "mails and their links travel in the clear: only for a relay on this machine");
}

}  // namespace

void read_secrets(const Environment& environment, Configuration& configuration) {
  Checker check{configuration};
  const auto from_environment = [&](const char* name) -> std::optional<std::string> {
    const auto variable = environment.find(name);
    return variable != environment.end() ? std::optional{variable->second} : std::nullopt;
  };
  const auto read = [&](const std::string& key, const std::string& path) -> std::optional<std::string> {
    auto file = read_secret_file(path);
    if (!file) {
      check.error(key, file.error().log_detail);
      return std::nullopt;
    }
    for (std::string& doubt : file->doubts) check.warning(key, std::move(doubt));
    return std::move(file->secret);
  };
  const Settings& settings = configuration.settings;

  if (auto password = from_environment("WAXSEAL_MAIL_SMTP_PASSWORD")) {
    configuration.secrets.smtp_password = std::move(*password);
  } else if (!settings.mail.smtp_password_file.empty()) {
    configuration.secrets.smtp_password =
        read("mail.smtp_password_file", settings.mail.smtp_password_file).value_or("");
  }

  auto webhook = from_environment("WAXSEAL_WEBHOOKS_SECRET");
  if (!webhook && !settings.webhooks.secret_file.empty()) {
    webhook = read("webhooks.secret_file", settings.webhooks.secret_file);
  }
  if (webhook) configuration.secrets.webhook = webhook_secret_of(*webhook, check);

  if (auto key = from_environment("WAXSEAL_AUTH_JWT_KEY")) {
    configuration.secrets.jwt_key = std::move(*key);
  } else if (!settings.auth.jwt_key_file.empty()) {
    configuration.secrets.jwt_key = read_jwt_key(settings.auth, check);
  }

  auto current = from_environment("WAXSEAL_SIGNING_DJANGO_SECRET");
  if (!current && !settings.signing.django_secret_file.empty()) {
    current = read("signing.django_secret_file", settings.signing.django_secret_file);
  }
  if (current) configuration.secrets.django_secrets.push_back(std::move(*current));
  const bool fallbacks_alone = !current && !settings.signing.django_secret_fallback_files.empty();
  if (fallbacks_alone)
    check.error("signing.django_secret_file",
                "is missing: a fallback verifies only, it must not become the secret that signs");
  for (const std::string& path : settings.signing.django_secret_fallback_files) {
    if (auto secret = read("signing.django_secret_fallback_files", path))
      configuration.secrets.django_secrets.push_back(std::move(*secret));
  }
}

void check_configuration(Configuration& configuration) {
  Checker check{configuration};
  check_server(configuration.settings, check);
  check_storage(configuration.settings, check);
  check_access(configuration, check);
  check_adoption(configuration.settings, check);
  check_pages(configuration, check);
  check_sender(configuration.settings, check);
  check_notice(configuration.settings, check);
  check_signing(configuration, check);
  check_mail(configuration, check);
  check_limits(configuration.settings, check);
  check_webhook(configuration, check);
}

}  // namespace waxseal::server
