// The notice to the old address: what has to be there for it, and what contradicts it.

#include "application.hpp"
#include "config_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

constexpr const char* undo_url = "undo_url = \"https://site.example/undo-email/\"\n";

Configuration read_notice(const std::string& lines) { return ConfigFixture{}.read(good_with("register_email", lines)); }

}  // namespace

TEST_CASE("notices with a page for their links have no problems") {
  const Configuration configuration = read_notice(std::string{undo_url} + "undo_period = \"14d\"");
  CHECK(lines_of(configuration).empty());
  const LinkPolicy policy = link_policy_of(configuration);
  CHECK(policy.notify_old_address);
  CHECK(policy.undo_url == "https://site.example/undo-email/");
  CHECK(policy.undo_period == std::chrono::hours{14 * 24});
}

TEST_CASE("an undo_url must be an absolute URL") {
  const std::string url =
      GENERATE("/undo/", "site.example/undo", "javascript:alert(1)", "https://", "https://a.example/ü");
  const Configuration configuration = read_notice("undo_url = \"" + url + "\"");
  REQUIRE(errors_of(configuration, "register_email.undo_url").size() == 1);
  CHECK(errors_of(configuration, "register_email.undo_url")[0].message ==
        "must be an absolute http or https URL in ASCII");
}

TEST_CASE("an undo_url without notices is a contradiction") {
  const Configuration configuration = read_notice(std::string{undo_url} + "notify_old_address = false");
  REQUIRE(errors_of(configuration, "register_email.undo_url").size() == 1);
  CHECK(errors_of(configuration, "register_email.undo_url")[0].message.find("notify_old_address = false") !=
        std::string::npos);
}

TEST_CASE("an undo_url needs ed25519 keys, whatever scheme the other links are of") {
  const ConfigFixture fixture;
  const std::string secret = fixture.secret_file("secret", std::string(40, 's'));
  const std::string text = good_but(
      "keys_dir = \"keys\"", "issue = \"django\"\naccept = [\"django\"]\ndjango_secret_file = \"" + secret + "\"");
  CHECK(lines_of(fixture.read(text)).empty());
  const std::string header = "[register_email]\n";
  std::string with_undo = text;
  with_undo.insert(with_undo.find(header) + header.size(), undo_url);
  const Configuration configuration = fixture.read(with_undo);
  REQUIRE(errors_of(configuration, "signing.keys_dir").size() == 1);
  CHECK(errors_of(configuration, "signing.keys_dir")[0].message.find("undo_url") != std::string::npos);
}

TEST_CASE("an undo link that ends before a verification link warns") {
  const Configuration configuration = read_notice(std::string{undo_url} + "undo_period = \"6d\"");
  CHECK_FALSE(configuration.has_errors());
  CHECK(warnings_of(configuration, "register_email.undo_period").size() == 1);
}

TEST_CASE("with verification off notices want a sender and a transport; without both there are none, with a warning") {
  const ConfigFixture fixture;
  const std::string off = "[register_email]\nverification_enabled = false\n";
  const Configuration bare = fixture.read(off);
  CHECK_FALSE(bare.has_errors());
  CHECK(warnings_of(bare, "register_email.notify_old_address").size() == 1);
  CHECK_FALSE(link_policy_of(bare).notify_old_address);

  const std::string sender = "from = \"no-reply@site.example\"\n";
  const Configuration whole = fixture.read(off + sender + "[mail]\ntransport = \"file\"\ndirectory = \"mail\"\n");
  CHECK(lines_of(whole).empty());
  CHECK(link_policy_of(whole).notify_old_address);
  CHECK(mail_policy_of(whole.settings).site == "site.example");

  CHECK(errors_of(fixture.read(off + sender + "[mail]\ntransport = \"file\"\n"), "mail.directory").size() == 1);
  CHECK(
      errors_of(fixture.read(off + undo_url + "[signing]\nkeys_dir = \"keys\"\n"), "register_email.undo_url").size() ==
      1);
}
