#pragma once
/// @file http_fixture.hpp
/// The product behind a real socket, on accounts in memory: ada (id 1) and bob (id 2), both with a token.

#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "adapters/memory/memory_store.hpp"
#include "flows/link_issuer.hpp"
#include "support/api_under_test.hpp"
#include "support/catch.hpp"
#include "support/fixed_clock.hpp"
#include "support/fixed_link_keys.hpp"
#include "support/raw_http.hpp"
#include "support/recording_log.hpp"
#include "support/running_server.hpp"

namespace waxseal::test {

inline constexpr const char* ada_token = "adaadaadaadaadaadaadaadaadaadaadaadaada1";
inline constexpr const char* bob_token = "bobbobbobbobbobbobbobbobbobbobbobbobbob2";
inline constexpr const char* register_path = "/api/v1/accounts/register-email/";
inline constexpr const char* verify_path = "/api/v1/accounts/verify-email/";
inline constexpr const char* undo_path = "/api/v1/accounts/undo-email/";
inline constexpr const char* json_type = "Content-Type: application/json\r\n";

inline std::string signed_in(const char* token) { return "Authorization: Token " + std::string{token} + "\r\n"; }

inline server::Configuration site_configuration() {
  server::Configuration configuration;
  configuration.settings.limits = {"", "", "", "", ""};  // out of the way, until a test sets some
  configuration.settings.register_email.from = "no-reply@site.example";
  configuration.settings.register_email.verification_url = "https://site.example/verify-email/";
  configuration.settings.register_email.undo_url = "https://site.example/undo-email/";
  return configuration;
}

class HttpFixture {
 public:
  explicit HttpFixture(server::HttpServerSettings settings = {},
                       const server::Configuration& configuration = site_configuration(),
                       ApiUnderTest::SiteParts parts = {})
      : api_(configuration, {store_, keys_, clock_}, parts), server_(api_.router(), log_, std::move(settings)) {
    add_account("1", "ada@site.example", ada_token);
    add_account("2", "bob@site.example", bob_token);
  }

  int port() const { return server_.port(); }
  RunningServer& server() { return server_; }
  RecordingLog& log() { return log_; }
  server::MemoryStore& store() { return store_; }
  ApiUnderTest& api() { return api_; }
  FixedLinkKeys& keys() { return keys_; }
  FixedClock& clock() { return clock_; }

  RawAnswer register_email(const std::string& email, const std::string& headers = "") {
    return post_json(port(), register_path, R"({"email":")" + email + R"("})", signed_in(ada_token) + headers);
  }

  /// A link that changes ada's address, as a request of hers would mail it.
  Link link_for_ada(const std::string& email) {
    server::ChangeRequest request;
    request.account_id = "1";
    request.new_email = email;
    request.email_key = email;
    request.now = clock_.now();
    const LinkVersion version = store_.request_change(request).value();
    const server::LinkIssuer issuer{api_.policy(), keys_};
    return issuer.issue_ed25519(store_.find_account("1").value().value(), email, version, clock_.now()).value().link;
  }

  /// The link in the notice of ada's newest request.
  Link undo_link_for_ada() {
    const LinkVersion version = store_.link_state("1").value().version;
    const std::string old_email = store_.find_change("1", version).value().value().old_email;
    const server::LinkIssuer issuer{api_.policy(), keys_};
    return issuer.issue_undo("1", old_email, version, clock_.now()).value().value().link;
  }

  std::string email_of(const std::string& id) { return store_.find_account(id).value().value().email; }

  /// Everything that a request could change: addresses, versions, pending changes, queued mails (which it takes out).
  std::string state() {
    std::string all;
    for (const char* id : {"1", "2"}) {
      const server::Account account = store_.find_account(id).value().value();
      const server::LinkState links = store_.link_state(id).value();
      all += account.id + " " + account.email + (account.active ? " active " : " inactive ") +
             std::to_string(links.version) + " " + links.pending_email.value_or("-") + "\n";
    }
    while (const auto entry =
               store_.claim_next(server::OutboxQueue::mails, clock_.now(), std::chrono::seconds{60}).value()) {
      all += "mail to " + entry->address + "\n";
    }
    return all;
  }

 private:
  void add_account(const std::string& id, const std::string& email, const char* token) {
    const auto account = store_.add_account({id, email, email, true});
    const auto added = store_.add_token(id, server::hash_of_token(token), clock_.now());
    if (!account || !added) throw std::logic_error{"the fixture's accounts are not new"};
  }

  FixedClock clock_;
  FixedLinkKeys keys_;
  RecordingLog log_;
  server::MemoryStore store_;
  ApiUnderTest api_;
  RunningServer server_;
};

/// The body that posts a link to verify-email.
inline std::string json_of(const Link& link) {
  return R"({"user_id":")" + link.user_id + R"(","email":")" + link.email + R"(","timestamp":")" + link.timestamp +
         R"(","signature":")" + link.signature + R"("})";
}

inline nlohmann::json json_body(const RawAnswer& answer) { return nlohmann::json::parse(answer.body, nullptr, false); }

/// An answer of the contract's shape: this status, this code in the header and, beside `detail`, in the body.
inline void check_refused(const RawAnswer& answer, int status, const std::string& code) {
  INFO("answered " << answer.status << " " << answer.body);
  CHECK(answer.status == status);
  CHECK(answer.header("waxseal-code") == code);
  const nlohmann::json body = json_body(answer);
  REQUIRE(body.is_object());
  if (body.contains("detail")) CHECK(body.value("code", "") == code);
}

/// What every answer has, whoever made it.
inline void check_common_headers(const RawAnswer& answer) {
  CHECK(answer.header("cache-control") == "no-store");
  CHECK(answer.header("x-content-type-options") == "nosniff");
  CHECK_FALSE(answer.header("x-request-id").empty());
  CHECK_FALSE(answer.has("set-cookie"));
}

}  // namespace waxseal::test
