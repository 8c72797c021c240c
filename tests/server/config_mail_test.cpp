// What may be configured of the transports of mails.

#include <filesystem>

#include "config_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

struct MailConfiguration : ConfigFixture {
  Configuration with(const std::string& lines) const { return read(good_with("mail", lines)); }
};

}  // namespace

TEST_CASE_METHOD(MailConfiguration, "A sendmail program that may be run is fine") {
  CHECK(lines_of(with("transport = \"sendmail\"\nsendmail_path = \"/bin/true\"")).empty());
}

TEST_CASE_METHOD(MailConfiguration,
                 "A sendmail program that is missing, no program, or named without its folder is an error") {
  write_file(folder / "no-program", "x");
  std::filesystem::permissions(folder / "no-program", std::filesystem::perms::owner_read);
  for (const std::string& path :
       {(folder / "missing").string(), (folder / "no-program").string(), folder.path().string(),
        std::string{"sendmail"}, std::string{"/bin/true -t"}, std::string{}}) {
    INFO(path);
    CHECK(errors_of(with("transport = \"sendmail\"\nsendmail_path = \"" + path + "\""), "mail.sendmail_path").size() ==
          1);
  }
}

TEST_CASE_METHOD(MailConfiguration, "The program is not looked at where another transport is used") {
  CHECK(lines_of(with("sendmail_path = \"/nowhere/sendmail\"")).empty());
}

TEST_CASE_METHOD(MailConfiguration, "A step may take from a second to 80, so that a whole mail ends within its lease") {
  CHECK(lines_of(with("timeout = \"1s\"")).empty());
  CHECK(lines_of(with("timeout = \"80s\"")).empty());
  for (const char* timeout : {"0s", "81s", "2m", "1"}) {
    INFO(timeout);
    const auto errors = errors_of(with(std::string{"timeout = \""} + timeout + "\""), "mail.timeout");
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].message.find("from 1s to 80s") != std::string::npos);
  }
}
