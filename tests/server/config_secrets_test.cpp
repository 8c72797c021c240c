// Secrets come from files and from the environment, are never printed, and must be there where they are needed; and
// settings that contradict one another are refused rather than dropped.

#include "config_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

const std::string long_secret = "a-django-secret-key-of-more-than-thirty-two-bytes";

std::string with_django(const std::string& more_lines) {
  return good_but("keys_dir = \"keys\"\n", "issue = \"django\"\naccept = [\"django\"]\n" + more_lines + "\n");
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

TEST_CASE("the django secret is read from its file, without the line break at its end, and no other byte is touched") {
  const ConfigFixture fixture;
  const auto [content, secret] = GENERATE_REF(table<std::string, std::string>({
      {long_secret, long_secret},
      {long_secret + "\n", long_secret},
      {long_secret + "\r\n", long_secret},
      {long_secret + "\r", long_secret + "\r"},
      {long_secret + "\n\n", long_secret + "\n"},
      {"two\nlines\r\n" + long_secret + "\n", "two\nlines\r\n" + long_secret},
      {" " + long_secret + " \n", " " + long_secret + " "},
  }));
  const std::string file = fixture.secret_file("secret", content);
  const Configuration configuration = fixture.read(with_django("django_secret_file = " + quoted(file)));
  REQUIRE(configuration.secrets.django_secrets.size() == 1);
  CHECK(configuration.secrets.django_secrets[0] == secret);
  // A line break that stays is more likely a mistake than a part of the secret.
  const std::size_t stays = secret.find_first_of("\r\n") == std::string::npos ? 0 : 1;
  CHECK_FALSE(configuration.has_errors());
  CHECK(warnings_of(configuration, "signing.django_secret_file").size() == stays);
}

TEST_CASE("a secret file that everybody may read or write is a warning with its mode and what to do") {
  const ConfigFixture fixture;
  const auto said_of = [&](unsigned mode) {
    const std::string file = fixture.secret_file("secret", long_secret, mode);
    const Configuration configuration = fixture.read(with_django("django_secret_file = " + quoted(file)));
    CHECK_FALSE(configuration.has_errors());
    CHECK(configuration.secrets.django_secrets == std::vector<std::string>{long_secret});
    return lines_of(configuration);
  };
  for (const unsigned mode : {0600U, 0400U, 0640U}) CHECK(said_of(mode).empty());
  for (const unsigned mode : {0644U, 0604U, 0602U}) {
    const std::string said = said_of(mode);
    CHECK(said.find("signing.django_secret_file: ") != std::string::npos);
    CHECK(said.find(mode == 0644U ? "0644" : mode == 0604U ? "0604" : "0602") != std::string::npos);
    CHECK(said.find("chmod 600 " + (fixture.folder / "secret").string()) != std::string::npos);
  }
}

TEST_CASE("a secret file that cannot be one is an error that says why") {
  const ConfigFixture fixture;
  const auto said_of = [&](const std::string& path) {
    const Configuration configuration = fixture.read(with_django("django_secret_file = " + quoted(path)));
    CHECK(errors_of(configuration, "signing.django_secret_file").size() == 1);
    CHECK(configuration.secrets.django_secrets.empty());
    return lines_of(configuration);
  };
  CHECK(said_of((fixture.folder / "none").string()).find("none cannot be read: No such file") != std::string::npos);
  CHECK(said_of(fixture.folder.path().string()).find("is a folder") != std::string::npos);
  CHECK(said_of(fixture.secret_file("nul", std::string{"a\0b", 3})).find("NUL") != std::string::npos);
  CHECK(said_of(fixture.secret_file("long", std::string(4097, 's'))).find("longer than 4096 bytes") !=
        std::string::npos);
  CHECK(said_of("/dev/zero").find("longer than 4096 bytes") != std::string::npos);
}

TEST_CASE("a secret file may have 4096 bytes") {
  const ConfigFixture fixture;
  const std::string file = fixture.secret_file("secret", std::string(4096, 's'));
  const Configuration configuration = fixture.read(with_django("django_secret_file = " + quoted(file)));
  CHECK(lines_of(configuration).empty());
  CHECK(configuration.secrets.django_secrets == std::vector<std::string>{std::string(4096, 's')});
}

TEST_CASE("the django secret of the environment wins over the file; fallbacks stand behind it") {
  const ConfigFixture fixture;
  const std::string file = fixture.secret_file("secret", std::string(40, 'f'));
  const std::string older = fixture.secret_file("older", std::string(40, 'o'));
  const std::string text =
      with_django("django_secret_file = " + quoted(file) + "\ndjango_secret_fallback_files = [" + quoted(older) + "]");
  const Configuration configuration = fixture.read(text, {{"WAXSEAL_SIGNING_DJANGO_SECRET", long_secret}});
  CHECK(lines_of(configuration).empty());
  CHECK(configuration.secrets.django_secrets == std::vector<std::string>{long_secret, std::string(40, 'o')});
}

TEST_CASE("the password of the relay comes from its file or from the environment") {
  const ConfigFixture fixture;
  const std::string file = fixture.secret_file("password", "from-the-file\n");
  const std::string text = good_with("mail", "smtp_user = \"waxseal\"\nsmtp_password_file = " + quoted(file));
  CHECK(fixture.read(text).secrets.smtp_password == "from-the-file");
  CHECK(fixture.read(text, {{"WAXSEAL_MAIL_SMTP_PASSWORD", "from-the-environment"}}).secrets.smtp_password ==
        "from-the-environment");
  const std::string without_file = good_with("mail", "smtp_user = \"waxseal\"");
  CHECK(lines_of(fixture.read(without_file, {{"WAXSEAL_MAIL_SMTP_PASSWORD", "from-the-environment"}})).empty());
}

TEST_CASE("a login without a password is refused") {
  const ConfigFixture fixture;
  CHECK(errors_of(fixture.read(good_with("mail", "smtp_user = \"waxseal\"")), "mail.smtp_password_file").size() == 1);
}

TEST_CASE("threat 1: an empty django secret is an error, wherever it stands: anybody could sign") {
  const ConfigFixture fixture;
  const std::string good = fixture.secret_file("good", long_secret);
  const std::string empty = fixture.secret_file("empty", GENERATE("", "\n", "\r\n", " \t \n"));
  CHECK(errors_of(fixture.read(with_django("django_secret_file = " + quoted(empty))), "signing.django_secret_file")
            .size() == 1);
  const Configuration fallback = fixture.read(
      with_django("django_secret_file = " + quoted(good) + "\ndjango_secret_fallback_files = [" + quoted(empty) + "]"));
  CHECK(errors_of(fallback, "signing.django_secret_fallback_files").size() == 1);
  CHECK(fixture.read(with_django("django_secret_file = " + quoted(good)), {{"WAXSEAL_SIGNING_DJANGO_SECRET", ""}})
            .has_errors());
}

TEST_CASE("threat 1: a short django secret is a warning, for it is not ours to choose") {
  const ConfigFixture fixture;
  const std::string file = fixture.secret_file("short", std::string(31, 's'));
  const Configuration configuration = fixture.read(with_django("django_secret_file = " + quoted(file)));
  CHECK_FALSE(configuration.has_errors());
  CHECK(warnings_of(configuration, "signing.django_secret_file").size() == 1);
  const std::string enough = fixture.secret_file("enough", std::string(32, 's'));
  CHECK(fixture.read(with_django("django_secret_file = " + quoted(enough))).problems.empty());
}

TEST_CASE("a secret file that is not there is an error of its key") {
  const ConfigFixture fixture;
  const std::string none = quoted((fixture.folder / "none").string());
  CHECK(errors_of(fixture.read(with_django("django_secret_file = " + none)), "signing.django_secret_file").size() == 1);
  CHECK(errors_of(fixture.read(good_with("mail", "smtp_user = \"x\"\nsmtp_password_file = " + none)),
                  "mail.smtp_password_file")
            .size() == 1);
  const std::string file = quoted(fixture.secret_file("secret", long_secret));
  const Configuration fallback =
      fixture.read(with_django("django_secret_file = " + file + "\ndjango_secret_fallback_files = [" + none + "]"));
  CHECK(errors_of(fallback, "signing.django_secret_fallback_files").size() == 1);
}

TEST_CASE("a fallback alone never becomes the secret that signs") {
  const ConfigFixture fixture;
  const std::string older = quoted(fixture.secret_file("older", long_secret));
  const Configuration configuration = fixture.read(with_django("django_secret_fallback_files = [" + older + "]"));
  CHECK(errors_of(configuration, "signing.django_secret_file").size() == 1);
}

TEST_CASE("no secret stands in any message") {
  const ConfigFixture fixture;
  const std::string secret = "hunter2-hunter2";
  const std::string file = quoted(fixture.secret_file("secret", secret));
  const std::vector<Configuration> configurations = {
      fixture.read(with_django("django_secret_file = " + file + "\ndjango_secret_fallback_files = [" + file +
                               ", \"/nonexistent\"]")),
      fixture.read(good_but("smtp://127.0.0.1:2525", "smtp://user:" + secret + "@127.0.0.1:2525")),
      fixture.read(good_but("smtp://127.0.0.1:2525", "http://user:" + secret + "@127.0.0.1:2525")),
      fixture.read(good_configuration,
                   {{"WAXSEAL_SIGNING_DJANGO_SECRETS", secret}, {"WAXSEAL_MAIL_SMTP_PASWORD", secret}}),
      fixture.read(good_configuration,
                   {{"WAXSEAL_SIGNING_DJANGO_SECRET", secret}, {"WAXSEAL_MAIL_SMTP_PASSWORD", secret}}),
      fixture.read(good_with("mail", "smtp_password = \"" + secret + "\"")),
      fixture.read(good_with("signing", "django_secret = \"" + secret + "\"")),
      fixture.read("[mail]\nsmtp_password = \"" + secret + "\n"),
  };
  for (const Configuration& configuration : configurations)
    CHECK(lines_of(configuration).find("hunter2") == std::string::npos);
}

TEST_CASE("threat 28: settings that contradict one another are refused") {
  const ConfigFixture fixture;
  const std::string keys = "keys_dir = \"keys\"\n";
  const std::string relay = "smtp_url = \"smtp://127.0.0.1:2525\"\n";
  const std::string page = "verification_url = \"https://site.example/verify-email/\"\n";
  const std::string path_template = "url_template = \"https://a.example/{user_id}/{email}/{timestamp}/{signature}\"";
  const auto [text, key] = GENERATE_COPY(table<std::string, std::string>({
      {good_with("signing", "accept = [\"django\"]"), "signing.accept"},
      {good_with("signing", "issue = \"django\""), "signing.accept"},
      {good_with("signing", "accept = []"), "signing.accept"},
      {good_with("signing", "accept = [\"ed25519\", \"django\"]"), "signing.django_secret_file"},
      {good_but(keys, ""), "signing.keys_dir"},
      {good_with("auth", "proxy_header = \"X-User\""), "auth.proxy_header"},
      {good_with("register_email", path_template), "register_email.verification_url"},
      {good_but(page, ""), "register_email.verification_url"},
      {good_but(page, "url_template = \"https://a.example/{user_id}\"\n"), "register_email.url_template"},
      {good_but("from = \"Example <no-reply@site.example>\"\n", ""), "register_email.from"},
      {good_but(relay, ""), "mail.smtp_url"},
      {good_but(relay, "transport = \"file\"\n"), "mail.directory"},
      {good_but(relay, "smtp_url = \"smtps://relay.example\"\ntls = \"none\"\n"), "mail.tls"},
      {good_but(relay, "smtp_url = \"smtp://127.0.0.1\"\ntls = \"none\"\nsmtp_user = \"x\"\n"), "mail.tls"},
      {good_but(relay, "smtp_url = \"smtp://x:y@127.0.0.1\"\n"), "mail.smtp_url"},
  }));
  const Configuration configuration = fixture.read(text);
  INFO(text << "\n" << lines_of(configuration));
  CHECK(errors_of(configuration, key).size() == 1);
}

TEST_CASE("mail in the clear warns; so does a one-time setting that binds nothing") {
  const ConfigFixture fixture;
  CHECK(warnings_of(fixture.read(good_with("mail", "tls = \"none\"")), "mail.tls").size() == 1);
  CHECK(warnings_of(fixture.read(good_with("register_email", "one_time_use = false")), "register_email.one_time_use")
            .size() == 1);
}

TEST_CASE("latest_only with django links means nothing and is no contradiction; keys_dir is not needed") {
  const ConfigFixture fixture;
  const std::string file = quoted(fixture.secret_file("secret", long_secret));
  CHECK(fixture.read(with_django("django_secret_file = " + file)).problems.empty());
}

TEST_CASE("with verification off neither page nor relay nor keys are asked for") {
  const ConfigFixture fixture;
  const Configuration configuration = fixture.read("[register_email]\nverification_enabled = false\n");
  INFO(lines_of(configuration));
  CHECK(configuration.problems.size() == 1);
  CHECK(warnings_of(configuration, "register_email.notify_old_address").size() == 1);
  CHECK(fixture.read("[register_email]\nverification_enabled = false\nnotify_old_address = false\n").problems.empty());
}

TEST_CASE("a url_template stands in for the page") {
  const ConfigFixture fixture;
  const Configuration configuration =
      fixture.read(good_but("verification_url = \"https://site.example/verify-email/\"\n",
                            "url_template = \"https://a.example/#/v/{user_id}/{email}/{timestamp}/{signature}\"\n"));
  CHECK(lines_of(configuration).empty());
  REQUIRE(configuration.url_template);
  CHECK(configuration.url_template->write({"1", "a@b", "2", "s"}) == "https://a.example/#/v/1/a%40b/2/s");
}
