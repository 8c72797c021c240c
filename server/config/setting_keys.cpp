#include "config/setting_keys.hpp"

#include <algorithm>
#include <charconv>

namespace waxseal::server {
namespace {

constexpr std::int64_t century_s = std::int64_t{36525} * 86400;

// The member of Settings that a key fills.
#define AT(type, member)                          \
  std::function<type&(Settings&)> {               \
    [](Settings& s) -> type& { return s.member; } \
  }
using List = std::vector<std::string>;
using Seconds = std::chrono::seconds;

SettingKey text(std::string_view section, std::string_view name, std::function<std::string&(Settings&)> field,
                std::string_view meaning, std::vector<std::string_view> choices = {}) {
  return {section, name, std::move(field), meaning, std::move(choices), 0, 0};
}
SettingKey yes_or_no(std::string_view section, std::string_view name, std::function<bool&(Settings&)> field,
                     std::string_view meaning) {
  return {section, name, std::move(field), meaning, {}, 0, 0};
}
SettingKey number(std::string_view section, std::string_view name, std::function<std::int64_t&(Settings&)> field,
                  std::string_view meaning, std::int64_t least, std::int64_t most) {
  return {section, name, std::move(field), meaning, {}, least, most};
}
SettingKey duration(std::string_view section, std::string_view name, std::function<Seconds&(Settings&)> field,
                    std::string_view meaning) {
  return {section, name, std::move(field), meaning, {}, 1, century_s};
}
SettingKey list(std::string_view section, std::string_view name, std::function<List&(Settings&)> field,
                std::string_view meaning, std::vector<std::string_view> choices = {}) {
  return {section, name, std::move(field), meaning, std::move(choices), 0, 0};
}
SettingKey at_most(std::int64_t most, SettingKey key) {
  key.most = most;
  return key;
}

std::vector<SettingKey> make_keys() {
  return {
      text("server", "listen", AT(std::string, server.listen),
           "Address and port to listen on; port 0 lets the system pick."),
      text("server", "admin_listen", AT(std::string, server.admin_listen),
           "Address and port for /metrics and readiness with reasons, without a login; empty: not there."),
      text("server", "base_path", AT(std::string, server.base_path),
           "Path before register-email/, verify-email/ and undo-email/."),
      number("server", "threads", AT(std::int64_t, server.threads),
             "Threads that answer requests; a connection that is idle or slow holds none.", 1, 1024),
      list("server", "cors_origins", AT(List, server.cors_origins),
           "Origins of pages that may call the API, exact: https://app.example."),
      list(
          "server", "trusted_proxies", AT(List, server.trusted_proxies),
          "Proxies in front, addresses or networks such as 10.0.0.0/8: their X-Forwarded-For and auth.proxy_header are "
          "believed, nobody else's."),

      text("storage", "url", AT(std::string, storage.url),
           "sqlite:FILE, relative to the working folder; or postgresql://HOST/DATABASE, several hosts with commas "
           "between them."),
      duration("storage", "retention", AT(Seconds, storage.retention),
               "How long `waxseal prune` keeps the audit, change records and settled mails."),

      text("users", "table", AT(std::string, users.table),
           "An existing table of accounts to adopt, e.g. auth_user; empty: a table of Waxseal's own."),
      text("users", "id_column", AT(std::string, users.id_column), "Its id column, unique, of any type but BLOB."),
      text("users", "email_column", AT(std::string, users.email_column),
           "Its address column, the only one that is ever written."),
      text("users", "active_column", AT(std::string, users.active_column),
           "Its active column; empty: every account is active."),
      text("users", "credential_column", AT(std::string, users.credential_column),
           "Its password column, e.g. password: links die when it changes."),
      yes_or_no("users", "email_unique", AT(bool, users.email_unique),
                "Whether two accounts may not have one address."),
      text("users", "email_match", AT(std::string, users.email_match), "When two addresses are the same one.",
           {"canonical", "exact"}),
      yes_or_no("users", "require_active", AT(bool, users.require_active),
                "Whether links of inactive accounts are refused."),

      list("auth", "schemes", AT(List, auth.schemes),
           "How callers of register-email show who they are, in the order tried; empty: register-email is not there.",
           {"token", "jwt", "proxy"}),
      text("auth", "token_table", AT(std::string, auth.token_table),
           "The table of tokens to adopt with users.table, e.g. authtoken_token: columns key and user_id."),
      text("auth", "jwt_key_file", AT(std::string, auth.jwt_key_file),
           "File with the key that JWTs are checked with: the secret of HS256, a text of 32 random bytes or more, or a "
           "public "
           "key in PEM."),
      text("auth", "jwt_algorithm", AT(std::string, auth.jwt_algorithm), "The one algorithm of JWTs.",
           {"HS256", "RS256", "ES256"}),
      text("auth", "jwt_issuer", AT(std::string, auth.jwt_issuer),
           "What iss of a JWT must be; empty: it is not asked."),
      text("auth", "jwt_audience", AT(std::string, auth.jwt_audience),
           "What aud of a JWT must name; empty: JWTs that name an audience are refused."),
      text("auth", "jwt_key_id", AT(std::string, auth.jwt_key_id),
           "What kid of a JWT must be; empty: it is not asked."),
      text("auth", "jwt_account_claim", AT(std::string, auth.jwt_account_claim),
           "The claim of a JWT that is the id of the account."),
      text("auth", "proxy_header", AT(std::string, auth.proxy_header),
           "Header in which a trusted proxy names the id of the account, for the scheme proxy."),

      yes_or_no("register_email", "verification_enabled", AT(bool, register_email.verification_enabled),
                "Whether an address must be proven; off, it changes at once."),
      duration("register_email", "verification_period", AT(Seconds, register_email.verification_period),
               "How long a link holds."),
      text("register_email", "verification_url", AT(std::string, register_email.verification_url),
           "The page that links lead to, absolute."),
      text("register_email", "url_template", AT(std::string, register_email.url_template),
           "Another spelling of links, with {user_id} {email} {timestamp} {signature}."),
      text("register_email", "from", AT(std::string, register_email.from),
           "Sender of mails: an address or Name <address>."),
      text("register_email", "reply_to", AT(std::string, register_email.reply_to),
           "Where answers go; the sender if empty."),
      text("register_email", "templates_dir", AT(std::string, register_email.templates_dir),
           "Folder of mail templates that take the place of the built-in ones; see docs/mail.md."),
      text("register_email", "default_language", AT(std::string, register_email.default_language),
           "Language of mails where the request names none of these.", {"en", "de", "es", "fr", "id", "pl", "pt-BR"}),
      text("register_email", "email_policy", AT(std::string, register_email.email_policy),
           "Which addresses are accepted.", {"strict", "django"}),
      yes_or_no("register_email", "latest_only", AT(bool, register_email.latest_only),
                "Whether a request for another address voids the links of older requests."),
      yes_or_no("register_email", "one_time_use", AT(bool, register_email.one_time_use),
                "Whether a django link works once only."),
      yes_or_no("register_email", "notify_old_address", AT(bool, register_email.notify_old_address),
                "Whether the address in force is told of a request for another one."),
      text("register_email", "undo_url", AT(std::string, register_email.undo_url),
           "The page that undo links lead to, absolute; empty: the notice to the old address has no link."),
      duration("register_email", "undo_period", AT(Seconds, register_email.undo_period),
               "How long an undo link holds."),

      text("signing", "keys_dir", AT(std::string, signing.keys_dir), "Folder of ed25519 keys; see `waxseal key new`."),
      text("signing", "issue", AT(std::string, signing.issue), "Scheme of new links.", {"ed25519", "django"}),
      list("signing", "accept", AT(List, signing.accept), "Schemes of links that are accepted.", {"ed25519", "django"}),
      text("signing", "django_secret_file", AT(std::string, signing.django_secret_file),
           "File with Django's SECRET_KEY, at most 4096 bytes; one line break at its end does not count."),
      list("signing", "django_secret_fallback_files", AT(List, signing.django_secret_fallback_files),
           "Files with older secrets whose links still hold."),

      text("mail", "transport", AT(std::string, mail.transport), "How mails leave.", {"smtp", "sendmail", "file"}),
      text("mail", "directory", AT(std::string, mail.directory), "Folder for transport = \"file\"."),
      text("mail", "smtp_url", AT(std::string, mail.smtp_url), "The relay: smtp://host:587 or smtps://host."),
      text("mail", "smtp_user", AT(std::string, mail.smtp_user), "Login at the relay."),
      text("mail", "smtp_password_file", AT(std::string, mail.smtp_password_file), "File with its password."),
      text("mail", "tls", AT(std::string, mail.tls), "Whether the relay must speak TLS.", {"required", "none"}),
      text("mail", "ca_file", AT(std::string, mail.ca_file), "PEM certificates to trust instead of the system's."),
      text("mail", "sendmail_path", AT(std::string, mail.sendmail_path),
           "Program for transport = \"sendmail\", called as PATH -i -f SENDER -- RECIPIENT."),
      number(
          "mail", "workers", AT(std::int64_t, mail.workers),
          "Mails that are handed over at once, each over a connection or by a program of its own; one with transport = "
          "\"file\".",
          1, 32),
      at_most(80, duration("mail", "timeout", AT(Seconds, mail.timeout),
                           "How long each step may take: connecting, an answer of the relay, the program as a whole.")),
      duration("mail", "give_up_after", AT(Seconds, mail.give_up_after), "How long a mail is tried again."),

      text(
          "limits", "per_user", AT(std::string, limits.per_user),
          "Requests of one account: \"5/h\" is five at once and then one every 12 minutes; \"5/10m\" and \"100/d\" are "
          "such, too; empty: no limit."),
      text("limits", "per_address", AT(std::string, limits.per_address),
           "Requests of one account for one address, whatever its letter case."),
      text("limits", "per_domain", AT(std::string, limits.per_domain),
           "Requests of all accounts for addresses of one domain."),
      text("limits", "per_ip", AT(std::string, limits.per_ip),
           "Requests from one IPv4 address, or from one IPv6 network of 64 bits; behind a proxy see "
           "server.trusted_proxies."),
      text("limits", "global", AT(std::string, limits.global), "All requests together; empty: no limit."),

      text("http", "non_field_errors_key", AT(std::string, http.non_field_errors_key),
           "Name under which refusals are listed instead of `detail`, as Django REST Framework's setting does; empty: "
           "off."),

      text(
          "webhooks", "url", AT(std::string, webhooks.url),
          "Told of every changed address by a signed POST, user.email_changed of Standard Webhooks; empty: nobody is."),
      text("webhooks", "secret_file", AT(std::string, webhooks.secret_file),
           "File with the secret that signs: whsec_ and 32 to 64 bytes in base64."),
      list("webhooks", "allow_hosts", AT(List, webhooks.allow_hosts),
           "Hosts, as webhooks.url spells them, that may be private or without TLS."),

      text("log", "level", AT(std::string, log.level), "Least level that is logged.",
           {"debug", "info", "warning", "error"}),
      text("log", "format", AT(std::string, log.format), "One line an event, as text or JSON.", {"text", "json"}),
  };
}

#undef AT

}  // namespace

const std::vector<SettingKey>& setting_keys() {
  static const std::vector<SettingKey> keys = make_keys();
  return keys;
}

const SettingKey* find_setting_key(std::string_view section, std::string_view name) {
  const auto& keys = setting_keys();
  const auto place = std::find_if(keys.begin(), keys.end(),
                                  [&](const SettingKey& key) { return key.section == section && key.name == name; });
  return place != keys.end() ? &*place : nullptr;
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0 || end + 1 != text.data() + text.size()) return std::nullopt;
  const std::int64_t unit = *end == 'w'   ? 7 * 86400
                            : *end == 'd' ? 86400
                            : *end == 'h' ? 3600
                            : *end == 'm' ? 60
                            : *end == 's' ? 1
                                          : 0;
  if (unit == 0 || count > century_s / unit) return std::nullopt;
  return std::chrono::seconds{count * unit};
}

std::string duration_text(std::chrono::seconds duration) {
  const std::int64_t count = duration.count();
  return count % 86400 == 0 ? std::to_string(count / 86400) + "d" : std::to_string(count) + "s";
}

std::optional<Rate> parse_rate(std::string_view text) {
  constexpr std::int64_t most_times = 1'000'000;
  constexpr std::chrono::hours longest_period{30 * 24};
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Rate rate;
  const auto [end, error] = std::from_chars(text.data(), text.data() + slash, rate.count);
  if (error != std::errc{} || end != text.data() + slash || rate.count < 1 || rate.count > most_times)
    return std::nullopt;
  std::string period{text.substr(slash + 1)};
  if (period.size() == 1) period.insert(0, "1");
  const auto duration = parse_duration(period);
  if (!duration || *duration < std::chrono::seconds{1} || *duration > longest_period) return std::nullopt;
  rate.period = *duration;
  return rate;
}

}  // namespace waxseal::server
