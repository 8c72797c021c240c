// The body and the headers of a webhook. That receivers accept them is shown in tests/webhook.

#include "adapters/webhook/standard_webhook.hpp"

#include <nlohmann/json.hpp>

#include <waxseal/hmac.hpp>

#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;

TEST_CASE("A signature is the one of the specification's example") {
  // https://github.com/standard-webhooks/standard-webhooks, libraries/*: the vector that its libraries are tested with.
  const Bytes secret = decode_base64("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value();
  const auto headers =
      webhook_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", from_unix_s(1614265330), R"({"test": 2432232314})", secret);
  CHECK(headers == std::vector<std::string>{"webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330",
                                            "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="});
}

TEST_CASE("A body tells who, from what, to what, why and when") {
  using Reason = EmailChange::Reason;
  for (const auto& [reason, name] :
       {std::pair{Reason::verified, "verified"}, std::pair{Reason::unverified, "unverified"},
        std::pair{Reason::undone, "undone"}}) {
    const auto body =
        nlohmann::json::parse(webhook_body({reason, "7", "a@x.example", "b\"\n@x.example", from_unix_s(1700000000)}));
    CHECK(body ==
          nlohmann::json{
              {"type", "user.email_changed"},
              {"timestamp", "2023-11-14T22:13:20Z"},
              {"data",
               {{"user_id", "7"}, {"old_email", "a@x.example"}, {"new_email", "b\"\n@x.example"}, {"reason", name}}}});
  }
}

TEST_CASE("An old address that is not UTF-8 does not keep the event from being told") {
  const std::string body =
      webhook_body({EmailChange::Reason::verified, "7", "\xff@x.example", "b@x.example", from_unix_s(0)});
  CHECK(nlohmann::json::parse(body)["data"]["old_email"] == "\xef\xbf\xbd@x.example");
}
