// Answers one kind of request so many times, whole, from its bytes to those of the answer, over a real SQLite file: what
// hot_paths_test.py counts the instructions of.
//
//   hot_paths empty|altered|expired|verify|register COUNT

#include <sys/socket.h>
#include <unistd.h>

#include <iostream>
#include <stdexcept>

#include "adapters/sqlite/sqlite_migrations.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "flows/link_issuer.hpp"
#include "http/http_server.hpp"
#include "support/api_under_test.hpp"
#include "support/fixed_clock.hpp"
#include "support/fixed_link_keys.hpp"
#include "support/must.hpp"
#include "support/raw_http.hpp"
#include "support/temp_folder.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

constexpr const char* base = "/api/v1/accounts/";

/// Its lines are not what is counted here.
struct NoLog final : server::Log {
  void write(server::LogLevel, std::string_view, std::initializer_list<server::LogField>) override {}
};

server::Configuration configuration() {
  server::Configuration configuration;
  configuration.settings.register_email.from = "no-reply@site.example";
  configuration.settings.register_email.verification_url = "https://site.example/verify-email/";
  configuration.settings.register_email.undo_url = "https://site.example/undo-email/";
  configuration.settings.limits.per_domain = configuration.settings.limits.per_ip = "1000000/s";
  return configuration;
}

class Site {
 public:
  explicit Site(int accounts) {
    must(server::migrate_sqlite(database_));
    must(store_.reconcile_claims("canonical", [](std::string_view email) { return std::string{email}; }));
    for (int number = 0; number < accounts; ++number) {
      const std::string id = std::to_string(number);
      must(store_.add_account(
          {id, email_of(id), email_of(id), true, server::hash_of_token(token_of(id)), clock_.now()}));
    }
    router_ = api_.router();
    router_.add("POST", "/empty", [](const server::HttpRequest&) { return server::HttpResponse{}; });
  }

  std::string request(const std::string& kind, int number) {
    const std::string id = std::to_string(number);
    const std::string json = "Content-Type: application/json\r\n";
    if (kind == "empty") return request_text("POST", "/empty", json, R"({"email":"new@mail.example"})");
    if (kind == "register") {
      return request_text("POST", std::string{base} + "register-email/",
                          json + "Authorization: Token " + token_of(id) + "\r\n",
                          R"({"email":"new)" + id + R"(@mail.example"})");
    }
    return request_text("POST", std::string{base} + "verify-email/", json, json_of(link(kind, id)));
  }

  /// The status of the answer.
  int answer(const std::string& request) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error{"no sockets"};
    if (send(ends[0], request.data(), request.size(), 0) < 0) throw std::runtime_error{"nothing sent"};
    shutdown(ends[0], SHUT_WR);
    server_.serve_connection(ends[1]);
    char answered[4096] = {};
    const ssize_t size = recv(ends[0], answered, sizeof answered - 1, 0);
    close(ends[0]);
    return size > 12 ? std::stoi(std::string{answered + 9, 3}) : 0;
  }

 private:
  static std::string email_of(const std::string& id) { return "person" + id + "@site.example"; }
  static std::string token_of(const std::string& id) { return "a-token-of-account-number-" + id; }
  static std::string json_of(const Link& link) {
    return R"({"user_id":")" + link.user_id + R"(","email":")" + link.email + R"(","timestamp":")" + link.timestamp +
           R"(","signature":")" + link.signature + R"("})";
  }

  Link link(const std::string& kind, const std::string& id) {
    const std::string email = "new" + id + "@mail.example";
    server::ChangeRequest change;
    change.account_id = id;
    change.new_email = change.email_key.emplace(email);
    change.now = clock_.now();
    const LinkVersion version = kind == "verify" ? must(store_.request_change(change)) : 1;
    const auto age = kind == "expired" ? std::chrono::hours{1000} : std::chrono::hours{0};
    const server::Account account{id, email_of(id), true, ""};
    Link made =
        must(server::LinkIssuer{api_.policy(), keys_}.issue_ed25519(account, email, version, clock_.now() - age)).link;
    if (kind == "altered") made.email = "other@mail.example";
    return made;
  }

  TempFolder folder_;
  server::SqliteDatabase database_{(folder_ / "waxseal.db").string(), 2};
  server::SqliteStore store_{database_};
  FixedLinkKeys keys_;
  FixedClock clock_;
  NoLog log_;
  ApiUnderTest api_{configuration(), {store_, keys_, clock_}};
  server::Router router_;
  server::HttpServer server_{{"127.0.0.1:0", 1, {}, {}}, router_, log_, api_.random()};
};

}  // namespace

/// What is counted: found by its name.
extern "C" [[gnu::noinline]] int answer_one(Site& site, const std::string& request) { return site.answer(request); }

namespace {

int run(const std::string& kind, int count) {
  const int expected = kind == "altered" || kind == "expired" ? 400 : 200;
  Site site{count};
  for (int number = 0; number < count; ++number) {
    const int status = answer_one(site, site.request(kind, number));
    if (status == expected) continue;
    std::cerr << kind << " was answered " << status << "\n";
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: hot_paths empty|altered|expired|verify|register COUNT\n";
    return 2;
  }
  return prepare_crypto() ? run(argv[1], std::stoi(argv[2])) : 1;
}
