#include "flows/authenticate.hpp"

#include "site.hpp"
#include "support/catch.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// Takes "good-<id>" for a token that names that account.
struct FakeVerifier final : TokenVerifier {
  Result<std::string> account_of(std::string_view token, UnixTime now) const override {
    asked_at = now;
    if (token.rfind("good-", 0) != 0) return fail(ErrorCode::invalid_token, "no good token");
    return std::string{token.substr(5)};
  }
  mutable UnixTime asked_at{};
};

struct SiteWithTokens : Site {
  FakeVerifier verifier;
  using Stands = Credentials::ProxyHeader::Stands;
  std::vector<AuthenticationScheme> schemes = {AuthenticationScheme::token};

  SiteWithTokens() {
    add("1", "a@x.example");
    add("2", "b@x.example", false);
    must(store.add_token("1", hash_of_token("ada-key"), clock.now()));
    must(store.add_token("2", hash_of_token("bob-key"), clock.now()));
  }
  /// "account <id>", or the wire name and the words of the refusal.
  std::string who(std::optional<std::string_view> header) { return identify({header, std::nullopt}); }
  std::string named(std::string_view value, Credentials::ProxyHeader::Stands stands = Stands::once) {
    return identify({std::nullopt, Credentials::ProxyHeader{value, stands}});
  }
  std::string identify(const Credentials& credentials) {
    const auto account = Authenticate{schemes, {store, clock, &verifier}}.identify(credentials);
    if (account) return "account " + account->id;
    return std::string{wire_name(account.error().code)} + ": " + std::string{account.error().detail};
  }
};

struct SiteBehindProxy : SiteWithTokens {
  SiteBehindProxy() { schemes = {AuthenticationScheme::proxy}; }
};

struct SiteWithJwt : SiteWithTokens {
  SiteWithJwt() { schemes = {AuthenticationScheme::jwt}; }
};

constexpr const char* not_provided = "not-authenticated: Authentication credentials were not provided.";
constexpr const char* unknown = "invalid-token: Invalid token.";

}  // namespace

TEST_CASE_METHOD(SiteWithTokens, "A token finds its account") { CHECK(who("Token ada-key") == "account 1"); }

TEST_CASE_METHOD(SiteWithTokens, "The scheme may be written in any case and with any space around") {
  for (const char* header :
       {"token ada-key", "TOKEN ada-key", "tOkEn  ada-key", " Token ada-key ", "Token\tada-key\t"}) {
    INFO(header);
    CHECK(who(header) == "account 1");
  }
}

TEST_CASE_METHOD(SiteWithTokens, "A token's own case matters") {
  CHECK(who("Token Ada-Key") == unknown);
  CHECK(who("Token ada-ke") == unknown);
  CHECK(who("Token ada-keyy") == unknown);
}

TEST_CASE_METHOD(SiteWithTokens, "Without a token of ours nobody is signed in") {
  CHECK(who(std::nullopt) == not_provided);
  for (const char* header :
       {"", "  ", "ada-key", "Bearer ada-key", "Basic YTpi", "Tokenada-key", "Token,ada-key", "Token=ada-key"}) {
    INFO(header);
    CHECK(who(header) == not_provided);
  }
}

TEST_CASE_METHOD(SiteWithTokens,
                 "A header without a key, or with spaces or broken UTF-8 in it, is refused in the words of the field") {
  CHECK(who("Token") == "invalid-token: Invalid token header. No credentials provided.");
  CHECK(who("Token  ") == "invalid-token: Invalid token header. No credentials provided.");
  CHECK(who("Token ada-key x") == "invalid-token: Invalid token header. Token string should not contain spaces.");
  CHECK(who("Token ada\xe9") ==
        "invalid-token: Invalid token header. Token string should not contain invalid characters.");
  CHECK(who("Token ada\xc3\xa9") == "invalid-token: Invalid token.");
  CHECK(who("Token ada\tkey") == "invalid-token: Invalid token header. Token string should not contain spaces.");
}

TEST_CASE_METHOD(SiteWithTokens, "An inactive account is not signed in") {
  CHECK(who("Token bob-key") == "user-inactive: User inactive or deleted.");
}

TEST_CASE_METHOD(SiteWithTokens, "The hash that is stored of a token is no token") {
  const TokenHash hash = hash_of_token("ada-key");
  CHECK(who("Token " + encode_hex(hash)) == unknown);
  CHECK(who("Token " + std::string{reinterpret_cast<const char*>(hash.data()), hash.size()}) != "account 1");
}

// SHA-256 of "ada-key", computed with sha256sum.
TEST_CASE("A token is stored as its SHA-256") {
  CHECK(encode_hex(hash_of_token("ada-key")) == "15b5f344504549a217d5e34c7ae9b0af03c413536b0d0c0fc48822ac8922d3c8");
}

TEST_CASE_METHOD(SiteBehindProxy, "The account that the proxy names is signed in") {
  CHECK(named("1") == "account 1");
  CHECK(named(" 1\t") == "account 1");
}

TEST_CASE_METHOD(SiteBehindProxy, "A name that is no account's, and an inactive account's, are refused alike") {
  CHECK(named("2") == "user-inactive: User inactive or deleted.");
  for (const char* name : {"3", "01", "a@x.example", "1' OR '1'='1", "\xc3\xa9"}) {
    INFO(name);
    CHECK(named(name) == "user-inactive: User inactive or deleted.");
  }
}

TEST_CASE_METHOD(SiteBehindProxy, "A proxy that names nobody leaves the request without credentials") {
  CHECK(named("") == not_provided);
  CHECK(named(" \t ") == not_provided);
  CHECK(identify({}) == not_provided);
}

TEST_CASE_METHOD(SiteBehindProxy, "A name that stands repeatedly, is over-long or no UTF-8 is refused") {
  constexpr const char* refused = "invalid-token: Invalid proxy header.";
  CHECK(named("1", Stands::repeatedly) == refused);
  CHECK(named("\xff") == refused);
  CHECK(named(std::string(max_account_id_bytes + 1, '1')) == refused);
  CHECK(named(std::string(max_account_id_bytes, '1')) == "user-inactive: User inactive or deleted.");
}

TEST_CASE_METHOD(SiteBehindProxy, "A token is not asked for where its scheme is off, and the other way round") {
  CHECK(who("Token ada-key") == not_provided);
  schemes = {AuthenticationScheme::token};
  CHECK(named("1") == not_provided);
}

TEST_CASE_METHOD(SiteBehindProxy, "The first scheme of which anything is shown decides") {
  schemes = {AuthenticationScheme::token, AuthenticationScheme::proxy};
  CHECK(identify({"Token ada-key", Credentials::ProxyHeader{"2"}}) == "account 1");
  CHECK(identify({"Token wrong", Credentials::ProxyHeader{"1"}}) == unknown);
  CHECK(identify({"Basic YTpi", Credentials::ProxyHeader{"1"}}) == "account 1");
  schemes = {AuthenticationScheme::proxy, AuthenticationScheme::token};
  CHECK(identify({"Token wrong", Credentials::ProxyHeader{"1"}}) == "account 1");
  CHECK(identify({"Token ada-key", Credentials::ProxyHeader{""}}) == "account 1");
}

TEST_CASE_METHOD(SiteWithJwt, "The account that a signed token names is signed in, whatever the scheme's case") {
  CHECK(who("Bearer good-1") == "account 1");
  CHECK(who(" bEARER  good-1 ") == "account 1");
  CHECK(verifier.asked_at == clock.now());
}

TEST_CASE_METHOD(SiteWithJwt, "A token that does not hold, or that names no active account, is refused") {
  CHECK(who("Bearer bad") == unknown);
  CHECK(who("Bearer good-2") == "user-inactive: User inactive or deleted.");
  CHECK(who("Bearer good-3") == "user-inactive: User inactive or deleted.");
  CHECK(who("Bearer") == "invalid-token: Invalid token header. No credentials provided.");
  CHECK(who("Bearer good-1 x") == "invalid-token: Invalid token header. Token string should not contain spaces.");
}

TEST_CASE_METHOD(SiteWithJwt, "A token of another scheme is not taken for a signed one, nor the other way round") {
  CHECK(who("Token good-1") == not_provided);
  schemes = {AuthenticationScheme::token, AuthenticationScheme::jwt};
  CHECK(who("Token good-1") == unknown);
  CHECK(who("Bearer ada-key") == unknown);
  CHECK(who("Bearer good-1") == "account 1");
  CHECK(who("Token ada-key") == "account 1");
}

TEST_CASE_METHOD(SiteWithJwt, "The challenge names the schemes in their order, and a signed token that was refused") {
  using Scheme = AuthenticationScheme;
  const auto challenge = [&](std::vector<Scheme> some, std::string_view header) {
    const Authenticate authenticate{std::move(some), {store, clock, &verifier}};
    const auto refused = authenticate.identify({header, std::nullopt});
    REQUIRE_FALSE(refused);
    return authenticate.challenge(refused.error());
  };
  CHECK(challenge({Scheme::token}, "Token wrong") == "Token");
  CHECK(challenge({Scheme::proxy}, "") == "Proxy");
  CHECK(challenge({Scheme::token, Scheme::proxy}, "") == "Token, Proxy");
  CHECK(challenge({Scheme::jwt}, "") == R"(Bearer realm="waxseal")");
  CHECK(challenge({Scheme::jwt}, "Bearer bad") == R"(Bearer realm="waxseal", error="invalid_token")");
  CHECK(challenge({Scheme::token, Scheme::jwt}, "Token wrong") == R"(Token, Bearer realm="waxseal")");
}

namespace {

/// A store that is away.
class AwayStore final : public AccountStore {
 public:
  Result<std::optional<Account>> find_account(std::string_view) override { return away(); }
  Result<std::optional<Account>> find_account_by_token(std::string_view) override { return away(); }
  Result<LinkState> link_state(std::string_view) override { return away(); }
  Result<std::optional<ChangeRecord>> find_change(std::string_view, LinkVersion) override { return away(); }
  Result<bool> is_link_remembered(const ByteArray<32>&) override { return away(); }
  tl::expected<LinkVersion, RequestRefusal> request_change(const ChangeRequest&) override { return away(); }
  tl::expected<void, RequestRefusal> charge(const std::vector<LimitCharge>&, UnixTime) override { return away(); }
  Result<ApplyResult> apply(const ChangeToApply&) override { return away(); }
  Result<UndoAnswer> undo(const ChangeToUndo&) override { return away(); }
  Result<void> check_ready() override { return away(); }

 private:
  static tl::unexpected<Error> away() { return fail(ErrorCode::unavailable, "SELECT secret FROM t: busy"); }
};

}  // namespace

TEST_CASE("A storage that is away is told to the log and not to the client") {
  AwayStore store;
  const auto account =
      Authenticate{{AuthenticationScheme::token}, {store, FixedClock{}}}.identify({"Token ada-key", std::nullopt});
  REQUIRE_FALSE(account);
  CHECK(account.error().code == ErrorCode::unavailable);
  CHECK(account.error().detail == public_detail(ErrorCode::unavailable));
  CHECK(account.error().log_detail == "SELECT secret FROM t: busy");
}
