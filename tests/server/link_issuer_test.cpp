#include "flows/link_issuer.hpp"

#include "site.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

struct IssuingSite : Site {
  IssuingSite() {
    add("1", "ada@x.example");
    keys.in_force = link_keys({1, 2}, {"current secret", "older secret"});
  }
};

}  // namespace

TEST_CASE_METHOD(IssuingSite, "A link is signed by the newest key for the account as it is") {
  const IssuedLink issued = issuer.issue_ed25519(account("1"), "b@x.example", 7, clock.now()).value();
  CHECK(issued.link.user_id == "1");
  CHECK(issued.link.email == "b@x.example");
  CHECK(issued.link.timestamp == "1700000000");
  const auto verified = keys.in_force->ring.public_keys().verify(Purpose::register_email, issued.link);
  REQUIRE(verified);
  CHECK(verified->key_id == numbered_key(2).public_key().id());
  CHECK(verified->link_version == 7);
  CHECK(verified->state_digest == numbered_key(2).state_digest({"1", "ada@x.example", ""}));
  CHECK_FALSE(keys.in_force->ring.public_keys().verify(Purpose::undo_email, issued.link));
}

TEST_CASE_METHOD(IssuingSite, "The credential is part of what is signed") {
  store.set_credential("1", "hash");
  const IssuedLink issued = issuer.issue_ed25519(account("1"), "b@x.example", 7, clock.now()).value();
  CHECK(decode_signature(issued.link.signature)->state_digest ==
        numbered_key(2).state_digest({"1", "ada@x.example", "hash"}));
}

TEST_CASE_METHOD(IssuingSite, "A django link is signed with the current secret and needs no account") {
  const IssuedLink issued = issuer.issue_django("9", "b@x.example", clock.now()).value();
  CHECK(DjangoSigner::create("current secret")->verifies(issued.link));
  CHECK_FALSE(DjangoSigner::create("older secret")->verifies(issued.link));
}

TEST_CASE_METHOD(IssuingSite, "The policy chooses the scheme") {
  CHECK(form_of_signature(issuer.issue(account("1"), "b@x.example", 7, clock.now())->link.signature) ==
        SignatureForm::ed25519);
  policy.issue = Scheme::django;
  const Link link = issuer.issue(account("1"), "b@x.example", 7, clock.now())->link;
  CHECK(form_of_signature(link.signature) == SignatureForm::django);
  CHECK(link.user_id == "1");
  CHECK(link.email == "b@x.example");
}

TEST_CASE_METHOD(IssuingSite, "A link is spelled on the verification url and read back as it was") {
  const IssuedLink issued = issuer.issue_ed25519(account("1"), "b+tag@bücher.example", 7, clock.now()).value();
  CHECK(issued.url.find("https://app.example/verify/"
                        "?user_id=1&email=b%2Btag%40b%C3%BCcher.example&timestamp=1700000000&signature=") == 0);
  CHECK(read_link(issued.url).value() == issued.link);
}

TEST_CASE_METHOD(IssuingSite, "A template spells the link instead") {
  policy.url_template =
      LinkTemplate::parse("https://app.example/#/v/{user_id}/{email}/{timestamp}/{signature}").value();
  const IssuedLink issued = issuer.issue_ed25519(account("1"), "b@x.example", 7, clock.now()).value();
  CHECK(issued.url == "https://app.example/#/v/1/b%40x.example/1700000000/" + issued.link.signature);
}

TEST_CASE_METHOD(IssuingSite, "Without a key or a secret nothing is signed and the log says what to do") {
  keys.in_force = link_keys({});
  const auto ed25519 = issuer.issue_ed25519(account("1"), "b@x.example", 7, clock.now());
  REQUIRE_FALSE(ed25519);
  CHECK(ed25519.error().code == ErrorCode::internal);
  CHECK(ed25519.error().log_detail.find("`waxseal key new`") != std::string::npos);
  const auto django = issuer.issue_django("1", "b@x.example", clock.now());
  REQUIRE_FALSE(django);
  CHECK(django.error().code == ErrorCode::internal);
}

TEST_CASE_METHOD(IssuingSite, "A link that no reader would take is not made") {
  const std::size_t rest = issuer.issue_django("", "b@x.example", clock.now())->url.size();
  CHECK(issuer.issue_django(std::string(max_link_bytes - rest, '1'), "b@x.example", clock.now()));
  const auto too_long = issuer.issue_django(std::string(max_link_bytes - rest + 1, '1'), "b@x.example", clock.now());
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().code == ErrorCode::internal);
}
