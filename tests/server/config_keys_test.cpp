// Every key of the contract: that it is there, its default, and that the file and the environment can set it.

#include <set>

#include "config_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// A key of the contract's section 5, its default, and another value that may stand there. As TOML writes them.
struct ContractKey {
  const char* name;
  const char* default_value;
  const char* other_value;
};

const std::vector<ContractKey> contract_keys = {
    {"server.listen", R"("127.0.0.1:8080")", R"("[::1]:0")"},
    {"server.admin_listen", R"("")", R"("127.0.0.1:9090")"},
    {"server.base_path", R"("/api/v1/accounts")", R"("/accounts")"},
    {"server.threads", "64", "7"},
    {"server.cors_origins", "[]", R"(["https://a.example","http://localhost:5173"])"},
    {"server.trusted_proxies", "[]", R"(["10.0.0.1"])"},
    {"storage.url", R"("sqlite:waxseal.db")", R"("sqlite:/var/lib/waxseal/waxseal.db")"},
    {"storage.retention", "\"365d\"", "\"30d\""},
    {"users.table", R"("")", R"("auth_user")"},
    {"users.id_column", R"("id")", R"("uuid")"},
    {"users.email_column", R"("email")", R"("mail")"},
    {"users.active_column", R"("is_active")", R"("")"},
    {"users.credential_column", R"("")", R"("password")"},
    {"users.email_unique", "true", "false"},
    {"users.email_match", R"("canonical")", R"("exact")"},
    {"users.require_active", "true", "false"},
    {"auth.schemes", R"(["token"])", R"(["token","jwt","proxy"])"},
    {"auth.token_table", R"("")", R"("authtoken_token")"},
    {"auth.jwt_key_file", R"("")", R"("jwt.pem")"},
    {"auth.jwt_algorithm", R"("")", R"("ES256")"},
    {"auth.jwt_issuer", R"("")", R"("https://issuer.example")"},
    {"auth.jwt_audience", R"("")", R"("waxseal")"},
    {"auth.jwt_key_id", R"("")", R"("2026-01")"},
    {"auth.jwt_account_claim", R"("sub")", R"("user_id")"},
    {"auth.proxy_header", R"("")", R"("X-Remote-User")"},
    {"register_email.verification_enabled", "true", "false"},
    {"register_email.verification_period", "\"7d\"", "\"36h\""},
    {"register_email.verification_url", R"("")", R"("https://other.example/v/")"},
    {"register_email.url_template", R"("")", R"("https://a.example/#/v/{user_id}/{email}/{timestamp}/{signature}")"},
    {"register_email.from", R"("")", R"("other@site.example")"},
    {"register_email.reply_to", R"("")", R"("help@site.example")"},
    {"register_email.templates_dir", R"("")", R"("templates")"},
    {"register_email.default_language", R"("en")", R"("pt-BR")"},
    {"register_email.email_policy", R"("strict")", R"("django")"},
    {"register_email.latest_only", "true", "false"},
    {"register_email.one_time_use", "true", "false"},
    {"register_email.notify_old_address", "true", "false"},
    {"register_email.undo_url", R"("")", R"("https://site.example/undo/")"},
    {"register_email.undo_period", "\"7d\"", "\"2w\""},
    {"signing.keys_dir", R"("")", R"("other-keys")"},
    {"signing.issue", R"("ed25519")", R"("django")"},
    {"signing.accept", R"(["ed25519"])", R"(["ed25519","django"])"},
    {"signing.django_secret_file", R"("")", R"("/dev/null")"},
    {"signing.django_secret_fallback_files", "[]", R"(["/dev/null"])"},
    {"mail.transport", R"("smtp")", R"("file")"},
    {"mail.directory", R"("")", R"("mail")"},
    {"mail.smtp_url", R"("")", R"("smtps://relay.example")"},
    {"mail.smtp_user", R"("")", R"("waxseal")"},
    {"mail.smtp_password_file", R"("")", R"("/dev/null")"},
    {"mail.tls", R"("required")", R"("none")"},
    {"mail.ca_file", R"("")", R"("/dev/null")"},
    {"mail.sendmail_path", R"("/usr/sbin/sendmail")", R"("/bin/true")"},
    {"mail.workers", "1", "5"},
    {"mail.timeout", "\"30s\"", "\"1m\""},
    {"mail.give_up_after", "\"2d\"", "\"90m\""},
    {"limits.per_user", R"("5/h")", R"("6/h")"},
    {"limits.per_address", R"("3/h")", R"("6/h")"},
    {"limits.per_domain", R"("100/h")", R"("6/h")"},
    {"limits.per_ip", R"("20/h")", R"("6/h")"},
    {"limits.global", R"("")", R"("1000/m")"},
    {"http.non_field_errors_key", R"("")", R"("non_field_errors")"},
    {"webhooks.url", R"("")", R"("https://site.example/hook")"},
    {"webhooks.secret_file", R"("")", R"("/dev/null")"},
    {"webhooks.allow_hosts", "[]", R"(["10.0.0.2"])"},
    {"log.level", R"("info")", R"("debug")"},
    {"log.format", R"("text")", R"("json")"},
};

/// The value that a key has in the settings, as TOML writes it.
struct ValueAsToml {
  Settings& settings;
  std::string operator()(const std::function<std::string&(Settings&)>& field) const {
    return "\"" + field(settings) + "\"";
  }
  std::string operator()(const std::function<bool&(Settings&)>& field) const {
    return field(settings) ? "true" : "false";
  }
  std::string operator()(const std::function<std::int64_t&(Settings&)>& field) const {
    return std::to_string(field(settings));
  }
  std::string operator()(const std::function<std::chrono::seconds&(Settings&)>& field) const {
    return std::to_string(field(settings).count()) + "s";
  }
  std::string operator()(const std::function<std::vector<std::string>&(Settings&)>& field) const {
    std::string text;
    for (const std::string& item : field(settings)) text += (text.empty() ? "\"" : ",\"") + item + "\"";
    return "[" + text + "]";
  }
};

std::string value_of(const SettingKey& key, Settings settings) { return std::visit(ValueAsToml{settings}, key.field); }

/// Durations are compared in seconds, everything else as written.
std::string comparable(const SettingKey& key, const std::string& toml) {
  if (!std::holds_alternative<std::function<std::chrono::seconds&(Settings&)>>(key.field)) return toml;
  return std::to_string(parse_duration(toml.substr(1, toml.size() - 2)).value().count()) + "s";
}

const SettingKey& setting_key(const std::string& full_name) {
  const std::size_t dot = full_name.find('.');
  const SettingKey* key = find_setting_key(full_name.substr(0, dot), full_name.substr(dot + 1));
  if (key == nullptr) throw std::runtime_error{"no key " + full_name};
  return *key;
}

std::string environment_name(const SettingKey& key) {
  std::string name = "WAXSEAL_" + std::string{key.section} + "_" + std::string{key.name};
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
  return name;
}

/// TOML's `["a","b"]` as the environment has it: `a,b`. Texts lose their quotes.
std::string environment_value(std::string toml) {
  toml.erase(std::remove_if(toml.begin(), toml.end(), [](char c) { return c == '"'; }), toml.end());
  const bool is_list = toml.front() == '[' && toml.find("]:") == std::string::npos;
  return is_list ? toml.substr(1, toml.size() - 2) : toml;
}

void check_taken(const Configuration& configuration, const SettingKey& key, const char* value) {
  INFO(lines_of(configuration));
  CHECK(value_of(key, configuration.settings) == comparable(key, value));
}

}  // namespace

TEST_CASE("the keys are those of the contract, no more and no fewer") {
  std::set<std::string> of_contract;
  for (const ContractKey& key : contract_keys) of_contract.insert(key.name);
  std::set<std::string> of_program;
  for (const SettingKey& key : setting_keys()) of_program.insert(key.full_name());
  CHECK(of_program == of_contract);
  CHECK(contract_keys.size() == of_contract.size());
}

TEST_CASE("every key has its documented default, and a sentence that explains it") {
  for (const ContractKey& expected : contract_keys) {
    DYNAMIC_SECTION(expected.name) {
      const SettingKey& key = setting_key(expected.name);
      CHECK(value_of(key, Settings{}) == comparable(key, expected.default_value));
      CHECK(key.meaning.size() > 10);
      CHECK(key.meaning.back() == '.');
    }
  }
}

TEST_CASE("every key can be set in the file") {
  const ConfigFixture fixture;
  for (const ContractKey& expected : contract_keys) {
    DYNAMIC_SECTION(expected.name) {
      const SettingKey& key = setting_key(expected.name);
      const std::string text =
          "[" + std::string{key.section} + "]\n" + std::string{key.name} + " = " + expected.other_value + "\n";
      const Configuration configuration = fixture.read(text);
      check_taken(configuration, key, expected.other_value);
    }
  }
}

TEST_CASE("every key can be set by the environment, which wins over the file") {
  const ConfigFixture fixture;
  for (const ContractKey& expected : contract_keys) {
    DYNAMIC_SECTION(expected.name) {
      const SettingKey& key = setting_key(expected.name);
      const std::string in_file =
          "[" + std::string{key.section} + "]\n" + std::string{key.name} + " = " + expected.default_value + "\n";
      check_taken(fixture.read(in_file, {{environment_name(key), environment_value(expected.other_value)}}), key,
                  expected.other_value);
      check_taken(fixture.read("", {{environment_name(key), environment_value(expected.other_value)}}), key,
                  expected.other_value);
    }
  }
}

TEST_CASE("a good configuration has no problems at all") {
  const ConfigFixture fixture;
  const Configuration configuration = fixture.read(good_configuration);
  CHECK(lines_of(configuration).empty());
  CHECK_FALSE(configuration.has_errors());
}

TEST_CASE("a warning alone does not refuse the configuration") {
  const ConfigFixture fixture;
  const Configuration configuration = fixture.read(good_with("mail", "tls = \"none\""));
  CHECK(configuration.problems.size() == 1);
  CHECK_FALSE(configuration.has_errors());
}

TEST_CASE("durations are one number and one unit") {
  CHECK(parse_duration("7d") == std::chrono::hours{168});
  CHECK(parse_duration("2w") == std::chrono::hours{336});
  CHECK(parse_duration("36h") == std::chrono::hours{36});
  CHECK(parse_duration("90m") == std::chrono::minutes{90});
  CHECK(parse_duration("45s") == std::chrono::seconds{45});
  for (const char* bad : {"", "7", "d", "7 d", " 7d", "7d ", "+7d", "-7d", "7D", "1.5d", "7d12h", "0x7d", "7y",
                          "99999999999999999999d", "9223372036854775807d", "36526d"}) {
    INFO(bad);
    CHECK_FALSE(parse_duration(bad));
  }
}
