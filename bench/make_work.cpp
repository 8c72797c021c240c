// Makes what a run needs: accounts in a migrated database of Waxseal, links that wait for their press, and files of requests for
// waxseal_load.
//
//   waxseal_make_work --folder F --accounts N --links L     accounts, and L pending changes with their links
//   waxseal_make_work --folder F --django-secret FILE --links L     links alone, as Django signs them
//
// The folder holds waxseal.db and keys/. Of each change the mail and the notice count as sent, as they were when a person
// presses. What is asked for is spread over all accounts, so that pages are met as they are by real use.

#include <chrono>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>
#include <CLI/CLI.hpp>
#include <waxseal/django_signer.hpp>

#include "adapters/key_files/key_directory.hpp"

namespace {

using namespace waxseal;

constexpr const char* verify_path = "/api/v1/accounts/verify-email/";
constexpr const char* register_path = "/api/v1/accounts/register-email/";

struct Options {
  std::string folder;
  std::string django_secret;
  std::uint64_t accounts = 10000;
  std::uint64_t links = 10000;
};

std::int64_t now_unix_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string email_of(std::uint64_t number) { return "person" + std::to_string(number) + "@site.example"; }
std::string new_email_of(std::uint64_t number) { return "new" + std::to_string(number) + "@mail.example"; }
std::string token_of(std::uint64_t number) { return "a-token-of-account-number-" + std::to_string(number); }

std::string json_of(const Link& link) {
  return R"({"user_id":")" + link.user_id + R"(","email":")" + link.email + R"(","timestamp":")" + link.timestamp +
         R"(","signature":")" + link.signature + R"("})";
}

/// The number of the account of the n-th link: all different, in no order.
std::uint64_t spread(std::uint64_t n, std::uint64_t accounts) {
  // A number that shares no divisor with a power of ten, so that no account comes twice before all have come.
  return (n * 7368787 + 12345) % accounts + 1;
}

class RequestFile {
 public:
  explicit RequestFile(const std::string& path) : file_(path) {
    if (!file_) throw std::runtime_error{path + " cannot be written"};
  }
  void add(const std::string& path, const std::string& header, const std::string& body) {
    file_ << path << "\t" << header << "\t" << body << "\n";
  }

 private:
  std::ofstream file_;
};

void insert_accounts(SQLite::Database& database, std::uint64_t count, std::uint64_t links) {
  SQLite::Statement account{database, "INSERT INTO waxseal_account (id, email, active) VALUES (?1, ?2, 1)"};
  SQLite::Statement claim{database, "INSERT INTO waxseal_email_claim (email_key, account_id) VALUES (?1, ?2)"};
  SQLite::Statement token{database,
                          "INSERT INTO waxseal_token (token_hash, account_id, created_at) VALUES (?1, ?2, 0)"};
  for (std::uint64_t number = 1; number <= count; ++number) {
    const std::string id = std::to_string(number), email = email_of(number);
    SQLite::bind(account, id, email);
    account.exec();
    account.reset();
    SQLite::bind(claim, email, id);
    claim.exec();
    claim.reset();
  }
  for (std::uint64_t n = 0; n < links; ++n) {
    const std::uint64_t number = spread(n, count);
    const ByteArray<32> hash = sha256(token_of(number));
    token.bind(1, hash.data(), static_cast<int>(hash.size()));
    token.bind(2, std::to_string(number));
    token.exec();
    token.reset();
  }
}

/// What `register-email` and the mail worker would have left behind.
class ChangeWriter {
 public:
  explicit ChangeWriter(SQLite::Database& database) : database_(database) {}

  void insert(std::uint64_t number, std::int64_t version) {
    const std::string id = std::to_string(number);
    run(state_, id, version);
    run(change_, id, version, email_of(number), new_email_of(number));
    run(mail_, "verify_email", id, new_email_of(number), version, "v" + id);
    run(mail_, "change_notice", id, email_of(number), version, "n" + id);
  }

 private:
  template <typename... Values>
  static void run(SQLite::Statement& statement, const Values&... values) {
    SQLite::bind(statement, values...);
    statement.exec();
    statement.reset();
  }

  SQLite::Database& database_;
  SQLite::Statement state_{database_, "INSERT INTO waxseal_link_state (account_id, link_version) VALUES (?1, ?2)"};
  SQLite::Statement change_{database_, R"(
    INSERT INTO waxseal_change (account_id, link_version, old_email, new_email, outcome, requested_at)
    VALUES (?1, ?2, ?3, ?4, 'pending', ?2))"};
  SQLite::Statement mail_{database_, R"(
    INSERT INTO waxseal_outbox (kind, account_id, address, link_version, language, message_token, created_at, state, settled_at)
    VALUES (?1, ?2, ?3, ?4, 'en', ?5, ?4, 'sent', ?4))"};
};

Link signed_link(const SigningKey& key, std::uint64_t number, LinkVersion version, std::int64_t signed_at) {
  const std::string id = std::to_string(number);
  const Claims claims{id, new_email_of(number), from_unix_s(signed_at)};
  const StateDigest digest = key.state_digest({id, email_of(number), ""});
  return {id, claims.email, to_text(claims.issued_at),
          encode_signature(key.sign(Purpose::register_email, claims, version, digest))};
}

void make_waxseal_work(const Options& options) {
  auto ring = server::KeyDirectory{options.folder + "/keys"}.load();
  if (!ring) throw std::runtime_error{ring.error().log_detail};
  const SigningKey& key = *ring->newest();
  SQLite::Database database{options.folder + "/waxseal.db", SQLite::OPEN_READWRITE};
  database.exec("PRAGMA synchronous = OFF");
  SQLite::Transaction transaction{database};
  insert_accounts(database, options.accounts, options.links);
  ChangeWriter changes{database};
  RequestFile verify{options.folder + "/verify.txt"}, altered{options.folder + "/altered.txt"},
      expired{options.folder + "/expired.txt"}, registers{options.folder + "/register.txt"};
  const std::int64_t now = now_unix_s();
  constexpr std::int64_t month_s = 30 * 24 * 3600;
  for (std::uint64_t n = 0; n < options.links; ++n) {
    const std::uint64_t number = spread(n, options.accounts);
    changes.insert(number, now);
    Link link = signed_link(key, number, static_cast<LinkVersion>(now), now);
    verify.add(verify_path, "", json_of(link));
    link.email = "another" + std::to_string(number) + "@mail.example";
    altered.add(verify_path, "", json_of(link));
    expired.add(verify_path, "", json_of(signed_link(key, number, static_cast<LinkVersion>(now), now - month_s)));
    registers.add(register_path, "Authorization: Token " + token_of(number),
                  R"({"email":"asked)" + std::to_string(number) + R"(@mail.example"})");
  }
  transaction.commit();
}

void make_django_work(const Options& options) {
  std::ifstream file{options.django_secret};
  std::string secret;
  std::getline(file, secret);
  auto signer = DjangoSigner::create(secret);
  if (!signer) throw std::runtime_error{signer.error().log_detail};
  RequestFile verify{options.folder + "/verify.txt"}, altered{options.folder + "/altered.txt"},
      expired{options.folder + "/expired.txt"}, registers{options.folder + "/register.txt"};
  const std::int64_t now = now_unix_s();
  for (std::uint64_t number = 1; number <= options.links; ++number) {
    Link link{std::to_string(number), new_email_of(number), std::to_string(now), ""};
    link.signature = signer->sign(link);
    verify.add(verify_path, "", json_of(link));
    Link other = link;
    other.email = "another" + std::to_string(number) + "@mail.example";
    altered.add(verify_path, "", json_of(other));
    link.timestamp = std::to_string(now - 30 * 24 * 3600);
    link.signature = signer->sign(link);
    expired.add(verify_path, "", json_of(link));
    registers.add(register_path, "Authorization: Token " + token_of(number),
                  R"({"email":"asked)" + std::to_string(number) + R"(@mail.example"})");
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Makes accounts, links and requests"};
  app.add_option("--folder", options.folder)->required();
  app.add_option("--django-secret", options.django_secret);
  app.add_option("--accounts", options.accounts);
  app.add_option("--links", options.links);
  CLI11_PARSE(app, argc, argv);
  try {
    if (!prepare_crypto()) throw std::runtime_error{"libsodium cannot be used on this machine"};
    if (options.links > options.accounts) throw std::runtime_error{"there cannot be more links than accounts"};
    options.django_secret.empty() ? make_waxseal_work(options) : make_django_work(options);
  } catch (const std::exception& error) {
    std::cerr << "waxseal_make_work: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
