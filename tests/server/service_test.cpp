// The running server with parts of the site's own in place of the product's: a real file, a real socket, a real worker.

#include "service.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "adapters/file_mail/mail_reader.hpp"
#include "adapters/sqlite/sqlite_migrations.hpp"
#include "config_fixture.hpp"
#include "http_fixture.hpp"
#include "storages.hpp"

using namespace waxseal;
using namespace waxseal::server;
using namespace waxseal::test;

namespace {

/// Keeps what it is given; a test waits for the first of it.
template <typename Item>
class Kept {
 public:
  void add(Item item) {
    const std::lock_guard lock{mutex_};
    items_.push_back(std::move(item));
    changed_.notify_all();
  }
  /// All of them, once there are so many; after 20 s those that there are.
  std::vector<Item> at_least(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return items_.size() >= count; });
    return items_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Item> items_;
};

struct KeptMails final : MailSender {
  tl::expected<void, SendFailure> send(const Message& message) override {
    mails.add(message);
    if (throws) throw std::runtime_error{"the mail service is down"};
    return {};
  }
  Kept<Message> mails;
  bool throws = false;
};

struct Audit final : EmailChangeObserver {
  void email_changed(const EmailChange& change) override {
    changes.add(change);
    if (throws == Throws::an_exception) throw std::runtime_error{"the audit is full"};
    if (throws == Throws::a_number) throw 42;
  }
  enum class Throws { nothing, an_exception, a_number };
  Throws throws = Throws::nothing;
  Kept<EmailChange> changes;
};

struct AppUrls final : UrlBuilder {
  Result<std::string> build(const Link& link) const override {
    return "https://site.example/#" + link.user_id + "/" + link.email + "/" + link.timestamp + "/" + link.signature;
  }
};

/// Fails, throws, or spells too long a link.
struct BadUrls final : UrlBuilder {
  Result<std::string> build(const Link&) const override {
    if (how == "throws") throw std::runtime_error{"the router is down"};
    if (how == "too long") return std::string(max_link_bytes + 1, 'x');
    return fail(ErrorCode::internal, "no page for this link");
  }
  std::string how;
};

class ServedSite {
 public:
  explicit ServedSite(Extensions extensions, const std::string& more_lines = "")
      : configuration_(fixture_.read(text(more_lines))), application_(configuration_, log_) {
    if (configuration_.has_errors()) throw std::runtime_error{lines_of(configuration_)};
    must(application_.storage().migrate());
    must(application_.key_directory().create_key(application_.random(), application_.clock().now()));
    StorageEngine& storage = *must(application_.open_storage());
    store_ = &storage.accounts();
    must(storage.account_admin().add_account(
        {"1", "ada@site.example", "ada@site.example", true, hash_of_token(ada_token), application_.clock().now()}));
    service_ = std::make_unique<Service>(application_, storage, *must(application_.open_keys()), nullptr,
                                         ServiceOptions{false, "", std::move(extensions)});
    const std::string address = must(service_->bind());
    port_ = std::stoi(address.substr(address.rfind(':') + 1));
    thread_ = std::thread{[this] { service_->run(); }};
  }
  ~ServedSite() {
    service_->stop();
    thread_.join();
  }

  RawAnswer ask(const std::string& email) {
    return post_json(port_, register_path, R"({"email":")" + email + R"("})", signed_in(ada_token));
  }
  RawAnswer press(const Message& mail) {
    const std::string text = read_mail(mail.bytes).text;
    const std::size_t start = text.find("https://site.example/");
    return post_json(port_, verify_path,
                     json_of(read_link(text.substr(start, text.find_first_of("\r\n", start) - start)).value()));
  }
  std::string email() { return store_->find_account("1").value().value().email; }

  /// "state attempts reason" of the one entry, once it was tried.
  std::string outbox_after_an_attempt() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    std::string entry;
    do {
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
      const SQLite::Database database{(fixture_.folder / "site.db").string(), SQLite::OPEN_READONLY, 5000};
      SQLite::Statement row{database, "SELECT state || ' ' || attempts || ' ' || reason FROM waxseal_outbox"};
      entry = row.executeStep() ? row.getColumn(0).getString() : "";
    } while (entry.empty() && std::chrono::steady_clock::now() < until);
    return entry;
  }
  std::string log() const { return log_.all(); }

 private:
  std::string text(const std::string& more_lines) const {
    const std::string folder = fixture_.folder.path().string();
    return "[server]\nlisten = \"127.0.0.1:0\"\nthreads = 2\n[storage]\nurl = \"sqlite:" + folder +
           "/site.db\"\n[register_email]\nverification_url = \"https://site.example/verify-email/\"\n"
           "from = \"no-reply@site.example\"\nnotify_old_address = false\n" +
           more_lines + "[signing]\nkeys_dir = \"" + folder + "/keys\"\n[mail]\ntransport = \"file\"\ndirectory = \"" +
           folder + "/mail\"\n";
  }

  ConfigFixture fixture_;
  Configuration configuration_;
  RecordingLog log_;
  Application application_;
  AccountStore* store_ = nullptr;
  std::unique_ptr<Service> service_;
  int port_ = 0;
  std::thread thread_;
};

struct ObservedSite {
  explicit ObservedSite(const std::string& more_lines = "") : site(parts(), more_lines) {}
  std::shared_ptr<KeptMails> sender = std::make_shared<KeptMails>();
  std::shared_ptr<Audit> audit = std::make_shared<Audit>();
  ServedSite site;

 private:
  Extensions parts() const {
    Extensions parts;
    parts.mail_sender = sender;
    parts.email_change_observer = audit;
    return parts;
  }
};

}  // namespace

TEST_CASE("The observer is told of a change once, and of none before or after it", "[service]") {
  ObservedSite observed;
  observed.site.ask("new@site.example");
  const Message mail = observed.sender->mails.at_least(1).at(0);
  CHECK(observed.audit->changes.at_least(0).empty());
  CHECK(observed.site.press(mail).header("waxseal-code") == "verified");
  CHECK(observed.site.press(mail).header("waxseal-code") == "already-verified");
  const std::vector<EmailChange> changes = observed.audit->changes.at_least(1);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].reason == EmailChange::Reason::verified);
  CHECK(changes[0].account_id == "1");
  CHECK(changes[0].old_email == "ada@site.example");
  CHECK(changes[0].new_email == "new@site.example");
  CHECK(std::chrono::system_clock::now() - changes[0].at < std::chrono::minutes{1});
}

TEST_CASE("With verification off the observer is told that nobody proved the address", "[service]") {
  ObservedSite observed{"verification_enabled = false\n"};
  CHECK(observed.site.ask("new@site.example").status == 200);
  const std::vector<EmailChange> changes = observed.audit->changes.at_least(1);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].reason == EmailChange::Reason::unverified);
}

TEST_CASE("An observer that throws is logged, and the answer and the change stay", "[service]") {
  ObservedSite observed;
  observed.audit->throws = GENERATE(Audit::Throws::an_exception, Audit::Throws::a_number);
  observed.site.ask("new@site.example");
  CHECK(observed.site.press(observed.sender->mails.at_least(1).at(0)).status == 200);
  CHECK(observed.site.email() == "new@site.example");
  CHECK(observed.site.log().find("exception in the observer of changes user=1") != std::string::npos);
}

TEST_CASE("A sender of the site's own gets the mail in place of the configured transport", "[service]") {
  ObservedSite observed;
  observed.site.ask("new@site.example");
  const Message mail = observed.sender->mails.at_least(1).at(0);
  CHECK(mail.envelope_to == "new@site.example");
  CHECK(mail.envelope_from == "no-reply@site.example");
}

TEST_CASE("A sender that throws leaves the mail in the outbox with what it said", "[service]") {
  ObservedSite observed;
  observed.sender->throws = true;
  CHECK(observed.site.ask("new@site.example").status == 200);
  CHECK(observed.site.outbox_after_an_attempt() == "queued 1 the mail service is down");
}

TEST_CASE("A URL builder of the site's own spells the link in the mail", "[service]") {
  const auto sender = std::make_shared<KeptMails>();
  Extensions parts;
  parts.mail_sender = sender;
  parts.url_builder = std::make_shared<AppUrls>();
  ServedSite site{std::move(parts)};
  site.ask("new@site.example");
  const ReadMail mail = read_mail(sender->mails.at_least(1).at(0).bytes);
  CHECK(mail.text.find("\nhttps://site.example/#1/new@site.example/") != std::string::npos);
}

TEST_CASE("A link that the URL builder cannot spell leaves the mail in the outbox with the reason", "[service]") {
  const auto urls = std::make_shared<BadUrls>();
  const auto [how, reason] = GENERATE(table<std::string, std::string>({
      {"fails", "no page for this link"},
      {"throws", "the router is down"},
      {"too long", "the link would be longer than 4096 bytes"},
  }));
  urls->how = how;
  Extensions parts;
  parts.url_builder = urls;
  ServedSite site{std::move(parts)};
  CHECK(site.ask("new@site.example").status == 200);
  CHECK(site.outbox_after_an_attempt() == "queued 1 " + reason);
  CHECK(site.email() == "ada@site.example");
}
