// The bytes of one connection, from the socket through the library, the framing, the bodies and the routes to the flows on
// accounts in memory: every answer is whole, nothing of it is our fault, and no account changes that should not.

#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "adapters/memory/memory_store.hpp"
#include "flows/link_issuer.hpp"
#include "http/http_server.hpp"
#include "require.hpp"
#include "support/api_under_test.hpp"
#include "support/counting_random.hpp"
#include "support/fixed_clock.hpp"
#include "support/fixed_link_keys.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;
using fuzz::require;

namespace {

constexpr std::string_view ada_token = "adaadaadaadaadaadaadaadaadaadaadaadaada1";
constexpr const char* ada_email = "ada@site.example";
constexpr const char* ada_new_email = "ada.new@site.example";
constexpr const char* bob_email = "bob@site.example";

/// What the server calls an error is a fault of ours or of the storage, and this storage has none.
class NoErrorLog final : public Log {
 public:
  void write(LogLevel level, std::string_view, std::initializer_list<LogField>) override {
    require(level != LogLevel::error);
  }
};

Configuration site_configuration() {
  Configuration configuration;
  configuration.settings.limits = {"", "", "", "", ""};  // one input may ask often
  configuration.settings.register_email.from = "no-reply@site.example";
  configuration.settings.register_email.verification_url = "https://site.example/verify-email/";
  configuration.settings.register_email.undo_url = "https://site.example/undo-email/";
  return configuration;
}

/// The product behind a socket, on two accounts, one of which was mailed a link.
class Site {
 public:
  /// Accounts as they were at first. The new store stands in the old one's place, so that who refers to it still does.
  void reset() {
    store_.emplace();
    must(store_->add_account({"1", ada_email, ada_email, true, hash_of_token(ada_token)}));
    must(store_->add_account({"2", bob_email, bob_email, true}));
    ChangeRequest request;
    request.account_id = "1";
    request.new_email = ada_new_email;
    request.email_key = ada_new_email;
    request.now = clock_.now();
    version_ = must(store_->request_change(request));
  }

  Link mailed_link() {
    const LinkIssuer issuer{api_.policy(), keys_};
    return must(issuer.issue_ed25519(*must(store_->find_account("1")), ada_new_email, version_, clock_.now())).link;
  }

  Link undo_link() {
    const LinkIssuer issuer{api_.policy(), keys_};
    return must(issuer.issue_undo("1", ada_email, version_, clock_.now()))->link;
  }

  /// Everything that was answered to a client that sends these bytes and then no more.
  std::string answer(std::string_view bytes) {
    int ends[2];
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const int room = 1 << 20;
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    require(send(ends[0], bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
    shutdown(ends[0], SHUT_WR);
    server_.serve_connection(ends[1]);
    std::string answered;
    char buffer[4096];
    for (ssize_t count = 0; (count = recv(ends[0], buffer, sizeof buffer, 0)) > 0;) {
      answered.append(buffer, static_cast<std::size_t>(count));
    }
    close(ends[0]);
    return answered;
  }

  std::string email_of(const char* id) { return must(store_->find_account(id))->email; }

  /// Only the holder of the token causes mails, to an address that may be mailed; an undone change is told to both of its own.
  void require_fit_mails(std::string_view bytes) {
    while (const auto entry = must(store_->claim_next(OutboxQueue::mails, clock_.now(), std::chrono::seconds{60}))) {
      require(entry->account_id == "1" && api_.rules().parse(entry->address).has_value());
      const bool is_undone = entry->kind == MailKind::change_undone;
      require(is_undone ? entry->address == ada_email || entry->address == ada_new_email
                        : bytes.find(ada_token) != std::string_view::npos);
    }
  }

 private:
  std::optional<MemoryStore> store_{std::in_place};
  FixedClock clock_;
  FixedLinkKeys keys_;
  CountingRandom random_;
  NoErrorLog log_;
  LinkVersion version_ = 0;
  ApiUnderTest api_{site_configuration(), {*store_, keys_, clock_}};
  HttpServer server_{{"127.0.0.1:0", 1, {"https://site.example"}, {}}, api_.router(), log_, random_};
};

Site& site() {
  static Site site;
  return site;
}

std::string json_of(const Link& link) {
  return R"({"user_id":"1","email":")" + link.email + R"(","timestamp":")" + link.timestamp + R"(","signature":")" +
         link.signature + R"("})";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::text_of(data, size);
  site().reset();
  const std::string answered = site().answer(bytes);
  require(answered.empty() || answered.rfind("HTTP/1.1 ", 0) == 0);
  require(answered.find("\r\nSet-Cookie:") == std::string::npos);
  const std::string ada = site().email_of("1");
  require(ada == ada_email || ada == ada_new_email);
  require(site().email_of("2") == bob_email);
  site().require_fit_mails(bytes);
  return 0;
}

/// Before anything is fuzzed: a genuine press changes the address, one of the undo link takes it back, and a request with a
/// token queues a mail, or the target would never get as far as the flows.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const auto post = [](const std::string& route, const std::string& headers, const std::string& body) {
    return site().answer("POST /api/v1/accounts/" + route +
                         "/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + headers +
                         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  };
  site().reset();
  const std::string pressed = post("verify-email", "", json_of(site().mailed_link()));
  require(pressed.rfind("HTTP/1.1 200", 0) == 0 && site().email_of("1") == ada_new_email);
  const std::string undone = post("undo-email", "", json_of(site().undo_link()));
  require(undone.rfind("HTTP/1.1 200", 0) == 0 && site().email_of("1") == ada_email);
  const std::string asked =
      post("register-email", "Authorization: Token " + std::string{ada_token} + "\r\n", R"({"email":"a@b.example"})");
  require(asked.rfind("HTTP/1.1 200", 0) == 0);
  return 0;
}
