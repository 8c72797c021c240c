// Row 20 of the threats: neither the answer of register-email nor the time that it takes tells whether an address is taken.
// Over a real socket, on a real file; requests of both kinds take turns, and a rank test looks at their times.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "adapters/sqlite/sqlite_migrations.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "http_fixture.hpp"
#include "support/must.hpp"
#include "support/temp_folder.hpp"

using namespace waxseal;
using namespace waxseal::test;

namespace {

/// A rank test at p = 0.01, both sides. One round of it errs once in a hundred times; three in a row that agree, never.
constexpr double critical_z = 2.576;
constexpr int rounds = 3;

struct Times {
  std::vector<double> free_s, taken_s;
};

/// How far the ranks of the second sample lie above what chance would give them, in standard deviations (Mann and Whitney
/// 1947). Outliers, of which a busy machine has many, count as one rank each.
double rank_z(const std::vector<double>& first, const std::vector<double>& second) {
  std::vector<std::pair<double, bool>> all;
  for (const double time : first) all.emplace_back(time, false);
  for (const double time : second) all.emplace_back(time, true);
  std::sort(all.begin(), all.end());
  double rank_sum = 0;
  for (std::size_t rank = 0; rank < all.size(); ++rank)
    rank_sum += all[rank].second ? static_cast<double>(rank + 1) : 0;
  const double n = static_cast<double>(first.size()), m = static_cast<double>(second.size());
  return (rank_sum - m * (n + m + 1) / 2) / std::sqrt(n * m * (n + m + 1) / 12);
}

class TimedSite {
 public:
  /// @param pairs    Requests of each kind in a round; every address is asked for once.
  /// @param planted  Done before a request for a taken address is answered.
  TimedSite(int pairs, std::function<void(TimedSite&)> planted) : pairs_(pairs), planted_(std::move(planted)) {
    must(server::migrate_sqlite(database_));
    must(store_.add_account({"1", "ada@site.example", "ada@site.example", true}));
    must(store_.add_token("1", server::hash_of_token(ada_token), clock_.now()));
    router_.add("POST", register_path, [this](const server::HttpRequest& request) {
      if (planted_ && request.body.find("taken") != std::string::npos) planted_(*this);
      return api_.router().handle(request);
    });
  }

  /// Whether the two kinds of requests can be told apart by their times, again and again in one direction.
  bool are_told_apart() {
    double first_z = 0;
    for (int round = 0; round < rounds; ++round) {
      const Times times = measure(round);
      const double z = rank_z(times.free_s, times.taken_s);
      UNSCOPED_INFO("round " << round << ": z = " << z << ", medians " << median_us(times.free_s) << " µs free, "
                             << median_us(times.taken_s) << " µs taken");
      if (round == 0) first_z = z;
      if (std::abs(z) < critical_z || std::signbit(z) != std::signbit(first_z)) return false;
    }
    return true;
  }

  /// One more commit, as a mail that is written down at once would need.
  void write_once_more() {
    must(store_.charge({{"extra", sha256("extra"), {1000000, std::chrono::hours{1}}}}, clock_.now()));
  }

 private:
  static std::string address(const char* kind, int round, int number) {
    const std::string digits = std::to_string(100000 * (round + 1) + number);
    return kind + digits + "@site.example";
  }

  static double median_us(std::vector<double> times) {
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return *middle * 1e6;
  }

  Times measure(int round) {
    add_taken_addresses(round);
    RunningServer server{router_, log_};
    requests_ = 0;
    std::mt19937 order{static_cast<unsigned>(round)};
    Times times;
    for (int number = 0; number < pairs_; ++number) {
      const bool free_first = (order() & 1) != 0;
      for (const bool free : {free_first, !free_first}) {
        (free ? times.free_s : times.taken_s)
            .push_back(time_of(server, address(free ? "freed" : "taken", round, number)));
      }
    }
    return times;
  }

  void add_taken_addresses(int round) {
    const bool added = database_
                           .run([&](server::SqliteConnection& connection) -> Result<void> {
                             server::SqliteWrite write{connection};
                             for (int number = 0; number < pairs_; ++number)
                               add_holder(connection, address("taken", round, number));
                             write.commit();
                             return {};
                           })
                           .has_value();
    REQUIRE(added);
  }

  static void add_holder(server::SqliteConnection& connection, const std::string& email) {
    for (const char* sql : {"INSERT INTO waxseal_account (id, email) VALUES (?1, ?1)",
                            "INSERT INTO waxseal_email_claim (email_key, account_id) VALUES (?1, ?1)"}) {
      SQLite::Statement insert{connection.database(), sql};
      insert.bind(1, email);
      insert.exec();
    }
  }

  double time_of(RunningServer& server, const std::string& email) {
    const std::string body = R"({"email":")" + email + R"("})";
    const std::string request =
        request_text("POST", register_path, signed_in(ada_token) + "Content-Type: application/json\r\n", body);
    if (requests_++ % 500 == 0) connection_ = std::make_unique<RawConnection>(server.port());
    const auto start = std::chrono::steady_clock::now();
    connection_->send(request);
    const RawAnswer answer = connection_->read_answer();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    REQUIRE(answer.body == R"({"detail":"Register email link email sent"})");
    return took.count();
  }

  int pairs_;
  std::function<void(TimedSite&)> planted_;
  TempFolder folder_;
  FixedClock clock_;
  FixedLinkKeys keys_;
  RecordingLog log_;
  server::SqliteDatabase database_{(folder_ / "waxseal.db").string(), 2};
  server::SqliteStore store_{database_};
  ApiUnderTest api_{site_configuration(), {store_, keys_, clock_}};
  server::Router router_;
  int requests_ = 0;
  std::unique_ptr<RawConnection> connection_;
};

void busy_for(std::chrono::microseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
  }
}

}  // namespace

TEST_CASE("threat 20: the time of an answer does not tell whether an address is taken") {
  TimedSite site{300, nullptr};
  CHECK_FALSE(site.are_told_apart());
}

TEST_CASE("the test of times finds one more write for a taken address") {
  TimedSite site{300, [](TimedSite& timed) { timed.write_once_more(); }};
  CHECK(site.are_told_apart());
}

// Not among the everyday tests, for it needs a machine that does nothing else: server_tests "[timing]".
TEST_CASE("threat 20: of 4,000 requests each the times do not tell whether an address is taken", "[.][timing]") {
  TimedSite site{4000, nullptr};
  CHECK_FALSE(site.are_told_apart());
}

TEST_CASE("threat 20: of 4,000 requests each the times tell a planted difference of 50 µs", "[.][timing]") {
  TimedSite site{4000, [](TimedSite&) { busy_for(std::chrono::microseconds{50}); }};
  CHECK(site.are_told_apart());
}
