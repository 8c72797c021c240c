// What may be configured of the webhook, and how each mistake is told.

#include <waxseal/hmac.hpp>

#include "config_fixture.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

std::string secret_of(std::size_t size) {
  const Bytes bytes(size, 7);
  return "whsec_" + encode_base64(bytes.data(), bytes.size());
}

struct WebhookConfiguration : ConfigFixture {
  Configuration with(const std::string& url, const std::string& more = "",
                     const std::string& secret = secret_of(32)) const {
    return read(good_with("webhooks",
                          "url = \"" + url + "\"\nsecret_file = \"" + secret_file("webhook", secret) + "\"\n" + more));
  }
};

}  // namespace

TEST_CASE_METHOD(WebhookConfiguration, "A webhook with its secret is fine and has no warning") {
  const Configuration configuration = with("https://site.example/hook?a=b");
  CHECK(lines_of(configuration).empty());
  CHECK(configuration.secrets.webhook == Bytes(32, 7));
}

TEST_CASE_METHOD(WebhookConfiguration, "A secret of 32 to 64 bytes is accepted and no other") {
  for (const std::size_t size : {32U, 48U, 64U})
    CHECK(lines_of(with("https://site.example/", "", secret_of(size))).empty());
  for (const std::string& secret : {secret_of(31), secret_of(65), secret_of(24), std::string{"whsec_"}, std::string{""},
                                    secret_of(32).substr(6), secret_of(32) + "=", "whsec_" + std::string(44, '*')}) {
    INFO(secret);
    const Configuration configuration = with("https://site.example/", "", secret);
    REQUIRE(errors_of(configuration, "webhooks.secret_file").size() == 1);
    CHECK(errors_of(configuration, "webhooks.secret_file")[0].message.find("whsec_") != std::string::npos);
    if (secret.size() > 10) CHECK(lines_of(configuration).find(secret.substr(6)) == std::string::npos);
  }
}

TEST_CASE_METHOD(WebhookConfiguration, "The secret may stand in the environment") {
  const std::string text = good_with("webhooks", "url = \"https://site.example/\"");
  CHECK(lines_of(read(text, {{"WAXSEAL_WEBHOOKS_SECRET", secret_of(40)}})).empty());
  CHECK(errors_of(read(text), "webhooks.secret_file").size() == 1);
  CHECK(errors_of(read(text, {{"WAXSEAL_WEBHOOKS_SECRET", "short"}}), "webhooks.secret_file").size() == 1);
}

TEST_CASE_METHOD(WebhookConfiguration, "A URL that cannot be called is an error") {
  for (const char* url :
       {"site.example", "ftp://site.example/", "https://", "https:///x", "https://user:password@site.example/",
        "https://site.example/#x", "https://site.example/ x", "http://site.example/", "https://sité.example/"}) {
    INFO(url);
    CHECK(errors_of(with(url), "webhooks.url").size() == 1);
  }
}

TEST_CASE_METHOD(WebhookConfiguration, "A host that is named may be called without TLS, by its one spelling") {
  CHECK(lines_of(with("http://10.0.0.2:8080/hook", "allow_hosts = [\"10.0.0.2\"]")).empty());
  CHECK(lines_of(with("http://[::1]:8080/hook", "allow_hosts = [\"::1\"]")).empty());
  CHECK(lines_of(with("http://Hooks/", "allow_hosts = [\"hooks\"]")).empty());
  CHECK(errors_of(with("http://10.0.0.3/", "allow_hosts = [\"10.0.0.2\"]"), "webhooks.url").size() == 1);
}

TEST_CASE_METHOD(WebhookConfiguration, "What is no host cannot be allowed") {
  for (const char* host : {"", "*", "*.example", "https://a.example", "a.example/x", "A.example"}) {
    INFO(host);
    CHECK(errors_of(with("https://site.example/", std::string{"allow_hosts = [\""} + host + "\"]"),
                    "webhooks.allow_hosts")
              .size() == 1);
  }
}

TEST_CASE_METHOD(WebhookConfiguration, "A secret without a URL is a mistake") {
  const Configuration configuration =
      read(good_with("webhooks", "secret_file = \"" + secret_file("webhook", secret_of(32)) + "\""));
  CHECK(errors_of(configuration, "webhooks.url").size() == 1);
}
