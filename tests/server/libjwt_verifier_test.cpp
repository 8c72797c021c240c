#include "adapters/jwt/libjwt_verifier.hpp"

#include "support/catch.hpp"
#include "support/jwt_maker.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

const std::string secret = "a secret of the issuer that has enough bytes";
constexpr std::int64_t now_s = 1700000000;
constexpr const char* ours = R"("iss":"https://issuer.example","aud":"waxseal","sub":"7")";

JwtSettings settings_for(JwtAlgorithm algorithm, std::string key) {
  JwtSettings settings;
  settings.algorithm = algorithm;
  settings.key = std::move(key);
  settings.issuer = "https://issuer.example";
  settings.audience = "waxseal";
  return settings;
}

/// "account <id>", or why the token is refused.
std::string verdict(const JwtSettings& settings, const std::string& token, std::int64_t at = now_s) {
  const auto verifier = LibjwtVerifier::create(settings);
  REQUIRE(verifier);
  const auto account = (*verifier)->account_of(token, from_unix_s(at));
  if (account) return "account " + *account;
  CHECK(account.error().code == ErrorCode::invalid_token);
  return account.error().log_detail;
}

std::string hs256_verdict(const std::string& token) {
  return verdict(settings_for(JwtAlgorithm::hs256, secret), token);
}

/// Good claims with more behind them: `{ours, "exp": …, more}`.
std::string claims(const std::string& more = "") {
  return "{" + std::string{ours} + R"(,"exp":1700000300)" + (more.empty() ? "" : "," + more) + "}";
}
std::string hs256(const std::string& claims_json) { return hs256_token(secret, claims_json); }
std::string with_header(const std::string& header) { return hs256_token(secret, claims(), header); }

}  // namespace

TEST_CASE("the examples of RFC 7515 are read as it says") {
  const std::string payload =
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const auto key =
      decode_base64url("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  JwtSettings settings;
  settings.account_claim = "iss";
  settings.key.assign(key->begin(), key->end());
  const std::string hmac = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + payload;
  CHECK(verdict(settings, hmac + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", 1300819379) == "account joe");
  CHECK(verdict(settings, hmac + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXg", 1300819379) ==
        "jwt: the signature does not hold");

  settings.algorithm = JwtAlgorithm::es256;
  settings.key =
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n"
      "6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n"
      "-----END PUBLIC KEY-----\n";
  CHECK(verdict(settings,
                "eyJhbGciOiJFUzI1NiJ9." + payload +
                    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
                1300819379) == "account joe");
}

TEST_CASE("a token of each algorithm names its account") {
  CHECK(hs256_verdict(hs256(claims())) == "account 7");
  CHECK(verdict(settings_for(JwtAlgorithm::rs256, rsa_key().public_pem()),
                signed_token(rsa_key(), R"({"alg":"RS256"})", claims())) == "account 7");
  CHECK(verdict(settings_for(JwtAlgorithm::es256, p256_key().public_pem()),
                signed_token(p256_key(), R"({"alg":"ES256"})", claims())) == "account 7");
}

TEST_CASE("another key's signature does not hold") {
  CHECK(hs256_verdict(hs256_token("another secret that has enough bytes, too", claims())) ==
        "jwt: the signature does not hold");
  const KeyPair other_rsa{EVP_RSA_gen(2048)}, other_p256{EVP_EC_gen("P-256")};
  CHECK(verdict(settings_for(JwtAlgorithm::rs256, other_rsa.public_pem()),
                signed_token(rsa_key(), R"({"alg":"RS256"})", claims())) == "jwt: the signature does not hold");
  CHECK(verdict(settings_for(JwtAlgorithm::es256, other_p256.public_pem()),
                signed_token(p256_key(), R"({"alg":"ES256"})", claims())) == "jwt: the signature does not hold");
}

TEST_CASE("any change of a token's bytes is noticed") {
  const std::string token = hs256(claims());
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    INFO(i);
    CHECK(hs256_verdict(altered).rfind("jwt: ", 0) == 0);
  }
}

TEST_CASE("the algorithm none is refused, however it is spelled, with and without a signature") {
  for (const char* algorithm : {"none", "None", "NONE", "nOnE", ""}) {
    INFO(algorithm);
    const std::string header = R"({"alg":")" + std::string{algorithm} + R"("})";
    CHECK(hs256_verdict(signed_part(header, claims()) + ".") == "jwt: alg is another one");
    CHECK(hs256_verdict(with_header(header)) == "jwt: alg is another one");
  }
  CHECK(hs256_verdict(with_header(R"({"typ":"JWT"})")) == "jwt: alg is another one");
  CHECK(hs256_verdict(with_header(R"({"alg":["HS256"]})")) == "jwt: alg is another one");
  CHECK(hs256_verdict(signed_part(R"({"alg":"HS256"})", claims()) + ".") == "jwt: the signature is no base64url");
}

TEST_CASE("a public key is never taken for an HMAC secret: algorithm confusion") {
  for (const auto& [algorithm, pem] : {std::pair{JwtAlgorithm::rs256, rsa_key().public_pem()},
                                       std::pair{JwtAlgorithm::es256, p256_key().public_pem()}}) {
    CHECK(verdict(settings_for(algorithm, pem), hs256_token(pem, claims())) == "jwt: alg is another one");
  }
}

TEST_CASE("a token of another algorithm is refused even if its signature is good") {
  CHECK(verdict(settings_for(JwtAlgorithm::es256, p256_key().public_pem()),
                signed_token(rsa_key(), R"({"alg":"RS256"})", claims())) == "jwt: alg is another one");
  CHECK(hs256_verdict(with_header(R"({"alg":"HS384"})")) == "jwt: alg is another one");
  CHECK(hs256_verdict(with_header(R"({"alg":"hs256"})")) == "jwt: alg is another one");
}

TEST_CASE("exp is required, and is over at its second and the leeway") {
  const auto settings = settings_for(JwtAlgorithm::hs256, secret);
  const auto with_exp = [](const std::string& exp) { return hs256("{" + std::string{ours} + exp + "}"); };
  const auto leeway = jwt_leeway.count();
  CHECK(verdict(settings, hs256(claims()), now_s + 300 + leeway - 1) == "account 7");
  CHECK(verdict(settings, hs256(claims()), now_s + 300 + leeway) == "jwt: expired");
  CHECK(verdict(settings, with_exp(R"(,"exp":1700000000.5)")) == "account 7");
  CHECK(verdict(settings, with_exp(R"(,"exp":1)")) == "jwt: expired");
  CHECK(verdict(settings, with_exp(R"(,"exp":-1)")) == "jwt: expired");
  for (const char* exp : {"", R"(,"exp":null)", R"(,"exp":"1700000300")", R"(,"exp":true)", R"(,"exp":[1700000300])"}) {
    INFO(exp);
    CHECK(verdict(settings, with_exp(exp)) == "jwt: exp is missing or no date");
  }
}

TEST_CASE("nbf and iat may be as far in the future as the clocks may be apart, and no farther") {
  for (const std::string name : {"nbf", "iat"}) {
    INFO(name);
    const auto token = [&](const std::string& value) { return hs256(claims("\"" + name + "\":" + value)); };
    CHECK(hs256_verdict(token("1700000000")) == "account 7");
    CHECK(hs256_verdict(token(std::to_string(now_s + jwt_leeway.count()))) == "account 7");
    CHECK(hs256_verdict(token(std::to_string(now_s + jwt_leeway.count() + 1))) == "jwt: " + name + " is in the future");
    CHECK(hs256_verdict(token("1e300")) == "jwt: " + name + " is in the future");
    CHECK(hs256_verdict(token("\"1700000000\"")) == "jwt: " + name + " is no date");
    CHECK(hs256_verdict(token("null")) == "jwt: " + name + " is no date");
  }
}

TEST_CASE("the issuer must be the one that is configured") {
  const auto token = [](const std::string& iss) {
    return hs256("{" + iss + R"("aud":"waxseal","sub":"7","exp":1700000300})");
  };
  CHECK(hs256_verdict(token(R"("iss":"https://issuer.example",)")) == "account 7");
  for (const char* iss : {"", R"("iss":"https://evil.example",)", R"("iss":"https://issuer.example/",)",
                          R"("iss":["https://issuer.example"],)", R"("iss":null,)", R"("iss":"",)"}) {
    INFO(iss);
    CHECK(hs256_verdict(token(iss)) == "jwt: iss is another one");
  }
  auto any_issuer = settings_for(JwtAlgorithm::hs256, secret);
  any_issuer.issuer.clear();
  CHECK(verdict(any_issuer, token("")) == "account 7");
}

TEST_CASE("the audience must name us, alone or among others") {
  const auto token = [](const std::string& aud) {
    return hs256("{" + aud + R"("iss":"https://issuer.example","sub":"7","exp":1700000300})");
  };
  for (const char* aud : {R"("aud":"waxseal",)", R"("aud":["waxseal"],)", R"("aud":["other","waxseal"],)"}) {
    INFO(aud);
    CHECK(hs256_verdict(token(aud)) == "account 7");
  }
  for (const char* aud :
       {"", R"("aud":"other",)", R"("aud":"waxseal ",)", R"("aud":["other"],)", R"("aud":[],)", R"("aud":null,)",
        R"("aud":[["waxseal"]],)", R"("aud":["waxseal",1],)", R"("aud":{"waxseal":1},)"}) {
    INFO(aud);
    CHECK(hs256_verdict(token(aud)) == "jwt: aud is another one");
  }
}

TEST_CASE("without a configured audience a token that names one is for somebody else") {
  auto settings = settings_for(JwtAlgorithm::hs256, secret);
  settings.audience.clear();
  CHECK(verdict(settings, hs256(claims())) == "jwt: aud is another one");
  CHECK(verdict(settings, hs256(R"({"iss":"https://issuer.example","sub":"7","exp":1700000300})")) == "account 7");
}

TEST_CASE("a configured key id must be the token's; without one it is not asked") {
  auto settings = settings_for(JwtAlgorithm::hs256, secret);
  CHECK(verdict(settings, with_header(R"({"alg":"HS256","kid":"anything"})")) == "account 7");
  settings.key_id = "2026-01";
  CHECK(verdict(settings, with_header(R"({"alg":"HS256","kid":"2026-01"})")) == "account 7");
  for (const char* kid : {"", R"(,"kid":"2025-12")", R"(,"kid":"")", R"(,"kid":null)", R"(,"kid":["2026-01"])",
                          R"(,"kid":"../../dev/null")"}) {
    INFO(kid);
    CHECK(verdict(settings, with_header(R"({"alg":"HS256")" + std::string{kid} + "}")) == "jwt: kid is another one");
  }
}

TEST_CASE("keys that a token brings along are not looked at") {
  const std::string header = R"({"alg":"HS256","jku":"https://evil.example/keys","jwk":{"kty":"oct","k":"AAAA"}})";
  CHECK(hs256_verdict(hs256_token(std::string(32, '\0'), claims(), header)) == "jwt: the signature does not hold");
}

TEST_CASE("a token made for another purpose is refused by its typ, crit or token_type") {
  for (const char* good : {R"("typ":"JWT")", R"("typ":"jwt")"}) {
    INFO(good);
    CHECK(hs256_verdict(with_header(R"({"alg":"HS256",)" + std::string{good} + "}")) == "account 7");
  }
  for (const char* bad :
       {R"("typ":"logout+jwt")", R"("typ":"at+jwt")", R"("typ":"dpop+jwt")", R"("typ":null)", R"("typ":"")"}) {
    INFO(bad);
    CHECK(hs256_verdict(with_header(R"({"alg":"HS256",)" + std::string{bad} + "}")) == "jwt: typ is another one");
  }
  CHECK(hs256_verdict(with_header(R"({"alg":"HS256","crit":["b64"],"b64":false})")).rfind("jwt: crit", 0) == 0);
  CHECK(hs256_verdict(hs256(claims(R"("token_type":"access")"))) == "account 7");
  CHECK(hs256_verdict(hs256(claims(R"("token_type":"refresh")"))) == "jwt: no access token");
}

TEST_CASE("the account is named by the configured claim, as a text or a whole number") {
  auto settings = settings_for(JwtAlgorithm::hs256, secret);
  settings.account_claim = "user_id";
  const auto token = [](const std::string& value) { return hs256(claims(value)); };
  CHECK(verdict(settings, token(R"("user_id":"a-b")")) == "account a-b");
  CHECK(verdict(settings, token(R"("user_id":42)")) == "account 42");
  CHECK(verdict(settings, token(R"("other":42)")) == "jwt: user_id is missing");
  for (const std::string& value : {std::string{"null"}, std::string{"true"}, std::string{"42.0"}, std::string{"\"\""},
                                   std::string{"[42]"}, "\"" + std::string(257, 'x') + "\""}) {
    INFO(value);
    CHECK(verdict(settings, token("\"user_id\":" + value)) == "jwt: user_id is no account's id");
  }
}

TEST_CASE("a member that stands twice is refused, in the header and in the claims, at any depth") {
  CHECK(hs256_verdict(with_header(R"({"alg":"HS256","alg":"HS256"})")) == "jwt: a member stands twice");
  CHECK(hs256_verdict(hs256(claims(R"("sub":"1")"))) == "jwt: a member stands twice");
  CHECK(hs256_verdict(hs256(claims(R"("\u0073ub":"1")"))) == "jwt: a member stands twice");
  CHECK(hs256_verdict(hs256(claims(R"("act":{"sub":"1","sub":"2"})"))) == "jwt: a member stands twice");
}

TEST_CASE("what is not three parts of canonical base64url is refused") {
  const std::string token = hs256(claims());
  const std::size_t dot = token.find('.');
  for (const std::string& bad : {std::string{}, std::string{"."}, std::string{".."}, std::string{"..."}, token + ".",
                                 token + "." + token, token.substr(0, token.rfind('.')), "." + token, token + "=",
                                 token + " ", " " + token, token.substr(0, dot) + "=" + token.substr(dot), token + "\n",
                                 token.substr(0, dot) + ".." + token.substr(dot + 1), token + std::string(1, '\0'),
                                 std::string{"garbage"}, std::string{"\xff\xfe"}}) {
    INFO(bad);
    CHECK(hs256_verdict(bad).rfind("jwt: ", 0) == 0);
  }
}

TEST_CASE("parts that are no JSON objects are refused") {
  for (const char* part : {"", "null", "[]", "7", "\"HS256\"", "{", "{}x", "{\"alg\":\"HS256\",}", "\xff"}) {
    INFO(part);
    CHECK(hs256_verdict(with_header(part)).rfind("jwt: ", 0) == 0);
    CHECK(hs256_verdict(hs256(part)).rfind("jwt: ", 0) == 0);
  }
}

TEST_CASE("a huge token is refused unread, and a deep one without harm") {
  CHECK(hs256_verdict(hs256(claims(R"("x":")" + std::string(max_jwt_bytes, 'x') + "\""))) == "jwt: over 8192 bytes");
  const std::string deep = std::string(3000, '[') + std::string(2900, ']');
  CHECK(hs256_verdict(hs256(claims("\"x\":" + deep))).rfind("jwt: ", 0) == 0);
}

TEST_CASE("a key that is none of the algorithm is refused at start") {
  const KeyPair short_rsa{EVP_RSA_gen(1024)}, p384{EVP_EC_gen("P-384")};
  const auto refusal = [](JwtAlgorithm algorithm, const std::string& key) {
    const auto created = LibjwtVerifier::create(settings_for(algorithm, key));
    return created ? "" : created.error().log_detail;
  };
  CHECK(refusal(JwtAlgorithm::hs256, std::string(31, 'x')) == "the secret for HS256 has under 32 bytes");
  CHECK(refusal(JwtAlgorithm::hs256, std::string(32, 'x')).empty());
  CHECK(refusal(JwtAlgorithm::rs256, "garbage") == "the key is no public key in PEM");
  CHECK(refusal(JwtAlgorithm::rs256, rsa_key().private_pem()) == "the key is no public key in PEM");
  CHECK(refusal(JwtAlgorithm::rs256, p256_key().public_pem()) == "RS256 needs an RSA key");
  CHECK(refusal(JwtAlgorithm::rs256, short_rsa.public_pem()) == "the RSA key has under 2048 bits");
  CHECK(refusal(JwtAlgorithm::es256, rsa_key().public_pem()) == "ES256 needs an EC key on P-256");
  CHECK(refusal(JwtAlgorithm::es256, p384.public_pem()) == "ES256 needs an EC key on P-256");
}
