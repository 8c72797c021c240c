// What is said of a configuration with mistakes: which key, where, what would be allowed; all of them at once.

#include "config_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// The message of the one error of that key.
std::string error_of(const Configuration& configuration, const std::string& key) {
  INFO(lines_of(configuration));
  const auto errors = errors_of(configuration, key);
  REQUIRE(errors.size() == 1);
  return errors.front().message;
}

}  // namespace

TEST_CASE("a typo is reported with its key, line and column, and the key that was meant") {
  const ConfigFixture fixture;
  const Configuration configuration = fixture.read("# a comment\n[server]\n  lissten = \"127.0.0.1:80\"\n");
  const auto errors = errors_of(configuration, "server.lissten");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].where == fixture.path() + ":3:3");
  CHECK(errors[0].message == "unknown key; did you mean \"listen\"?");
  CHECK(to_line(errors[0]) ==
        "error: " + fixture.path() + ":3:3: server.lissten: unknown key; did you mean \"listen\"?");
}

TEST_CASE("typos of every usual kind find their key; nonsense finds none") {
  const ConfigFixture fixture;
  const auto [line, meant] = GENERATE(table<std::string, std::string>({
      {"verification_perod = \"7d\"", "verification_period"},
      {"verifcation_url = \"https://a.example/\"", "verification_url"},
      {"form = \"a@b.example\"", ""},
      {"replyto = \"a@b.example\"", "reply_to"},
      {"Email_policy = \"strict\"", "email_policy"},
      {"latest_onyl = true", "latest_only"},
      {"colour = \"red\"", ""},
  }));
  const Configuration configuration = fixture.read("[register_email]\n" + line + "\n");
  const std::string message = error_of(configuration, "register_email." + line.substr(0, line.find(' ')));
  CHECK(message.rfind("unknown key", 0) == 0);
  if (!meant.empty()) CHECK(message.find("\"" + meant + "\"") != std::string::npos);
  if (line.rfind("colour", 0) == 0) CHECK(message == "unknown key");
}

TEST_CASE("an unknown section is reported; a key outside of any section, too") {
  const ConfigFixture fixture;
  const Configuration configuration = fixture.read("stray = 1\n[servr]\nlisten = \"127.0.0.1:80\"\n");
  const auto section = errors_of(configuration, "servr");
  REQUIRE(section.size() == 1);
  CHECK(section[0].where == fixture.path() + ":2:2");
  CHECK(section[0].message.rfind("unknown section", 0) == 0);
  CHECK(errors_of(configuration, "stray").size() == 1);
}

TEST_CASE("a value of a wrong type is reported with the place of the value and what is allowed") {
  const ConfigFixture fixture;
  const auto [section, line, allowed] = GENERATE(table<std::string, std::string, std::string>({
      {"server", "listen = 8080", "text"},
      {"server", "threads = \"64\"", "whole number from 1 to 1024"},
      {"server", "threads = 6.5", "number"},
      {"server", "cors_origins = \"https://a.example\"", "list of texts"},
      {"server", "cors_origins = [1, 2]", "list of texts"},
      {"server", "cors_origins = [\"https://a.example\", 2]", "list of texts"},
      {"users", "email_unique = \"yes\"", "true or false"},
      {"users", "email_unique = 1", "true or false"},
      {"register_email", "verification_period = 604800", "duration"},
      {"register_email", "verification_period = true", "duration"},
      {"register_email", "from = [\"a@b.example\"]", "text"},
      {"register_email", "from = { name = \"a\" }", "text"},
      {"mail", "give_up_after = 1979-05-27", "text"},
  }));
  const std::string name = line.substr(0, line.find(' '));
  const Configuration configuration = fixture.read("[" + section + "]\n" + line + "\n");
  CHECK(error_of(configuration, section + "." + name).find(allowed) != std::string::npos);
  CHECK(errors_of(configuration, section + "." + name)[0].where ==
        fixture.path() + ":2:" + std::to_string(name.size() + 4));
}

TEST_CASE("a value out of its bounds is reported with the bounds") {
  const ConfigFixture fixture;
  const auto [section, line] = GENERATE(table<std::string, std::string>({
      {"server", "threads = 0"},
      {"server", "threads = -1"},
      {"server", "threads = 1025"},
      {"server", "threads = 9223372036854775807"},
      {"register_email", "verification_period = \"0s\""},
      {"register_email", "verification_period = \"36526d\""},
      {"register_email", "verification_period = \"7 days\""},
      {"mail", "workers = 0"},
      {"mail", "workers = 33"},
      {"mail", "give_up_after = \"\""},
  }));
  const Configuration configuration = fixture.read("[" + section + "]\n" + line + "\n");
  CHECK(error_of(configuration, section + "." + line.substr(0, line.find(' '))).find("from 1") != std::string::npos);
}

TEST_CASE("a word that is none of the choices is reported with the choices") {
  const ConfigFixture fixture;
  const auto [section, line, choices] = GENERATE(table<std::string, std::string, std::string>({
      {"mail", "tls = \"maybe\"", "\"required\", \"none\""},
      {"mail", "transport = \"pigeon\"", "\"smtp\", \"sendmail\", \"file\""},
      {"signing", "issue = \"hmac\"", "\"ed25519\", \"django\""},
      {"signing", "accept = [\"ed25519\", \"hmac\"]", "\"ed25519\", \"django\""},
      {"users", "email_match = \"fuzzy\"", "\"canonical\", \"exact\""},
      {"register_email", "email_policy = \"Strict\"", "\"strict\", \"django\""},
      {"log", "level = \"loud\"", "\"debug\", \"info\", \"warning\", \"error\""},
      {"log", "format = \"xml\"", "\"text\", \"json\""},
  }));
  const Configuration configuration = fixture.read("[" + section + "]\n" + line + "\n");
  CHECK(error_of(configuration, section + "." + line.substr(0, line.find(' '))).find(choices) != std::string::npos);
}

TEST_CASE("several mistakes are all reported at once, each at its place, wherever it stands") {
  const ConfigFixture fixture;
  const Configuration configuration = fixture.read(R"([server]
lissten = "127.0.0.1:80"
threads = 0
base_path = "accounts/"
cors_origins = ["*"]
[mail]
tls = "maybe"
[nonsense]
[signing]
accept = []
)",
                                                   {{"WAXSEAL_LOG_LEVEL", "loud"}});
  for (const char* key : {"server.lissten", "server.threads", "server.base_path", "server.cors_origins", "mail.tls",
                          "nonsense", "signing.accept", "signing.keys_dir", "register_email.from",
                          "register_email.verification_url", "mail.smtp_url"}) {
    INFO(key << " in\n" << lines_of(configuration));
    CHECK(errors_of(configuration, key).size() == 1);
  }
  REQUIRE(errors_of(configuration, "log.level").size() == 1);
  CHECK(errors_of(configuration, "log.level")[0].where == "WAXSEAL_LOG_LEVEL");
}

TEST_CASE("a syntax error is reported with its line and column, and with what else is wrong") {
  const ConfigFixture fixture;
  const Configuration configuration =
      fixture.read("[server]\nlisten = \"127.0.0.1:80\nthreads = 1\n", {{"WAXSEAL_LOG_LEVEL", "loud"}});
  const std::string lines = lines_of(configuration);
  CHECK(lines.find("error: " + fixture.path() + ":2:") != std::string::npos);
  CHECK(errors_of(configuration, "log.level").size() == 1);
  CHECK(configuration.has_errors());
}

TEST_CASE("a key that stands twice is an error: one of the two would be dropped silently") {
  const ConfigFixture fixture;
  const Configuration configuration = fixture.read("[server]\nthreads = 1\nthreads = 2\n");
  CHECK(lines_of(configuration).find(fixture.path() + ":3:") != std::string::npos);
  CHECK(configuration.has_errors());
}

TEST_CASE("bytes that are not UTF-8 are a syntax error, not a crash") {
  const ConfigFixture fixture;
  CHECK(fixture.read("[server]\nlisten = \"\xff\"\n").has_errors());
}

TEST_CASE("a missing file is an error that says how to name one; so is a folder") {
  const ConfigFixture fixture;
  const std::string path = GENERATE_REF((fixture.folder / "none.toml").string(), fixture.folder.path().string());
  const Configuration configuration = read_configuration(path, {});
  CHECK(lines_of(configuration).find("error: " + path + ": ") != std::string::npos);
  CHECK(lines_of(configuration).find("--config") != std::string::npos);
  CHECK(configuration.has_errors());
}

TEST_CASE("an environment variable with a typo is reported; one that is not of ours is not") {
  const ConfigFixture fixture;
  const Configuration configuration =
      fixture.read(good_configuration, {{"WAXSEAL_SERVER_LISSTEN", "private-value"}, {"WAXSEAL_CACHE", "/x"}});
  REQUIRE(configuration.problems.size() == 1);
  CHECK(configuration.problems[0].where == "WAXSEAL_SERVER_LISSTEN");
  CHECK(configuration.problems[0].severity == Problem::Severity::error);
  CHECK(lines_of(configuration).find("private-value") == std::string::npos);
}

TEST_CASE("a bad value of the environment is reported by the variable's name") {
  const ConfigFixture fixture;
  const auto [variable, value, key] = GENERATE(table<std::string, std::string, std::string>({
      {"WAXSEAL_SERVER_THREADS", "many", "server.threads"},
      {"WAXSEAL_SERVER_THREADS", "7.5", "server.threads"},
      {"WAXSEAL_SERVER_THREADS", "", "server.threads"},
      {"WAXSEAL_USERS_EMAIL_UNIQUE", "yes", "users.email_unique"},
      {"WAXSEAL_REGISTER_EMAIL_VERIFICATION_PERIOD", "7", "register_email.verification_period"},
      {"WAXSEAL_SIGNING_ACCEPT", "ed25519,hmac", "signing.accept"},
  }));
  const Configuration configuration = fixture.read(good_configuration, {{variable, value}});
  error_of(configuration, key);
  CHECK(errors_of(configuration, key)[0].where == variable);
}

TEST_CASE("values that make no sense are refused, with an example of what would") {
  const ConfigFixture fixture;
  const auto [section, line] = GENERATE(table<std::string, std::string>({
      {"server", "listen = \"8080\""},
      {"server", "listen = \"127.0.0.1\""},
      {"server", "listen = \"127.0.0.1:\""},
      {"server", "listen = \"127.0.0.1:http\""},
      {"server", "listen = \"127.0.0.1:65536\""},
      {"server", "listen = \":8080\""},
      {"server", "base_path = \"\""},
      {"server", "base_path = \"accounts\""},
      {"server", "base_path = \"/accounts/\""},
      {"server", "base_path = \"/accounts?x\""},
      {"server", "cors_origins = [\"*\"]"},
      {"server", "cors_origins = [\"app.example\"]"},
      {"server", "cors_origins = [\"https://app.example/\"]"},
      {"server", "cors_origins = [\"https://*.example\"]"},
      {"server", "cors_origins = [\"null\"]"},
      {"storage", "url = \"waxseal.db\""},
      {"storage", "url = \"sqlite:\""},
      {"storage", "url = \"mysql://host/db\""},
      {"register_email", "reply_to = \"nobody\""},
      {"register_email", "reply_to = \"a@b.example, c@d.example\""},
      {"register_email", "reply_to = \"a@b.example\\r\\nBcc: x@y.example\""},
      {"register_email", "reply_to = \"Example <a@b.example\""},
      {"register_email", "reply_to = \"Example, Inc. <a@b.example>\""},
      {"register_email", "reply_to = \"<a@b@c.example>\""},
      {"mail", "ca_file = \"/nonexistent/ca.pem\""},
  }));
  error_of(fixture.read(good_with(section, line)), section + "." + line.substr(0, line.find(' ')));
}

TEST_CASE("good spellings of senders are accepted") {
  const ConfigFixture fixture;
  const std::string sender =
      GENERATE("a@b.example", "Example <a@b.example>", "\\\"Example, Inc.\\\" <a@b.example>", "<a@b.example>",
               "Br\xc3\xbc"
               "cke <a+b@c.example>");
  CHECK(lines_of(fixture.read(good_with("register_email", "reply_to = \"" + sender + "\""))).empty());
}

TEST_CASE("the page and the relay must be URLs of the right kind") {
  const ConfigFixture fixture;
  const std::string page = "verification_url = \"https://site.example/verify-email/\"\n";
  for (const char* bad : {"", "site.example/verify", "ftp://site.example/", "https://", "https:///verify",
                          "https://site.example/ver ify", "https://m\xc3\xbcnchen.example/", "javascript:alert(1)"}) {
    INFO(bad);
    error_of(fixture.read(good_but(page, "verification_url = \"" + std::string{bad} + "\"\n")),
             "register_email.verification_url");
  }
  const std::string relay = "smtp_url = \"smtp://127.0.0.1:2525\"\n";
  for (const char* bad : {"", "127.0.0.1:25", "http://relay.example", "smtp//relay"}) {
    INFO(bad);
    error_of(fixture.read(good_but(relay, "smtp_url = \"" + std::string{bad} + "\"\n")), "mail.smtp_url");
  }
}
