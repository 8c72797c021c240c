#include "adapters/postgres/postgres_database.hpp"

#include <sys/socket.h>

#include <algorithm>

#include <waxseal/email_address.hpp>

#include "ports/one_line.hpp"

namespace waxseal::server {
namespace {

constexpr std::chrono::seconds longest_wait_for_connection{5};
constexpr std::chrono::seconds longest_request{10};
constexpr std::chrono::hours longest_errand{24};
constexpr std::chrono::milliseconds watch_interval{500};
constexpr int most_attempts = 5;
constexpr std::chrono::milliseconds pause_before_repeat{20};

/// In milliseconds. A session that forgot its transaction frees its locks, too. Texts are compared and logged without
/// surprises from the server's own configuration.
constexpr const char* session_settings = R"(
  SET statement_timeout = 5000; SET lock_timeout = 4000; SET idle_in_transaction_session_timeout = 15000;
  SET standard_conforming_strings = on; SET default_transaction_isolation = 'read committed')";

/// Nobody gave a connection back in time.
struct PoolExhausted : std::runtime_error {
  PoolExhausted() : std::runtime_error("every connection to it is in use") {}
};

bool is_class(const std::string& state, std::string_view prefix) { return state.rfind(prefix, 0) == 0; }

/// States that end the session or make it useless: the server stops, was told to end the session, or became a standby.
bool is_end_of_session(const std::string& state) {
  return is_class(state, "57P") || is_class(state, "08") || state == "25006" || state == "25P03";
}

/// States that pass: the server is full, busy, stopping or told to give up waiting.
bool is_passing(const std::string& state) {
  for (const char* prefix : {"08", "40", "53", "55P03", "57", "58", "25006", "25P03"}) {
    if (is_class(state, prefix)) return true;
  }
  return false;
}

/// The first line of what the driver says, without what it quotes: texts of ours stand nowhere but in the tables.
std::string first_line(const std::string& text) {
  std::string words =
      text.substr(0, text.find("\n", text.rfind("FATAL:") == std::string::npos ? 0 : text.rfind("FATAL:")));
  return in_one_line(words);
}

}  // namespace

bool is_storable(std::string_view text) { return text.find('\0') == std::string_view::npos && is_utf8(text); }

std::string storable(std::string_view text) {
  std::string ascii{text};
  if (is_storable(text)) return ascii;
  std::replace_if(
      ascii.begin(), ascii.end(), [](unsigned char c) { return c == 0 || c >= 0x80; }, '?');
  return ascii;
}

PostgresConnection::PostgresConnection(const std::string& connection_string) : session_(connection_string) {
  session_.set_verbosity(pqxx::connection_base::terse);  // no values in messages
  pqxx::nontransaction setup{session_};
  setup.exec(session_settings);
}

const std::string& PostgresConnection::prepare(const std::string& sql) {
  const auto [place, is_new] = names_.try_emplace(sql, "s" + std::to_string(names_.size()));
  if (is_new) session_.prepare(place->second, sql);
  return place->second;
}

void commit(pqxx::transaction_base& transaction) {
  try {
    transaction.commit();
  } catch (const pqxx::sql_error& error) {
    const std::string state = error.sqlstate();
    // Refused for what the transaction did: it is rolled back. Anything else may have come after the commit was durable.
    const bool is_refused =
        (is_class(state, "40") && state != "40003") || is_class(state, "23") || is_class(state, "53");
    if (is_refused) throw;
    throw pqxx::in_doubt_error{error.what()};
  } catch (const pqxx::broken_connection& error) {
    throw pqxx::in_doubt_error{error.what()};
  }
}

PostgresDatabase::PostgresDatabase(PostgresUrl url, std::size_t connections)
    : connection_string_(url.connection_string()),
      place_(url.place()),
      limit_(connections),
      watchdog_([this] { cut_overdue_connections(); }) {}

PostgresDatabase::~PostgresDatabase() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stop_.notify_one();
  watchdog_.join();
}

std::unique_ptr<PostgresConnection> PostgresDatabase::take() {
  std::unique_lock lock{mutex_};
  const auto deadline = std::chrono::steady_clock::now() + longest_wait_for_connection;
  ++waiting_;
  const bool lent = returned_.wait_until(lock, deadline, [&] { return !idle_.empty() || opened_ < limit_; });
  --waiting_;
  if (!lent) throw PoolExhausted{};
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  ++opened_;
  lock.unlock();
  try {
    return std::make_unique<PostgresConnection>(connection_string_);
  } catch (...) {
    lock.lock();
    --opened_;
    returned_.notify_one();
    throw;
  }
}

PoolUse PostgresDatabase::connections() {
  const std::lock_guard lock{mutex_};
  return {opened_ - idle_.size(), limit_, waiting_};
}

void PostgresDatabase::give_back(std::unique_ptr<PostgresConnection> connection) {
  {
    const std::lock_guard lock{mutex_};
    idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

/// With it go those that nobody uses: what ended one has mostly ended all.
void PostgresDatabase::drop(std::unique_ptr<PostgresConnection> connection) {
  std::vector<std::unique_ptr<PostgresConnection>> dropped;
  {
    const std::lock_guard lock{mutex_};
    dropped.swap(idle_);
    dropped.push_back(std::move(connection));
    opened_ -= dropped.size();
  }
  returned_.notify_all();
}

std::list<PostgresDatabase::Lease*>::iterator PostgresDatabase::watch(Lease& lease) {
  const std::lock_guard lock{mutex_};
  return lent_.insert(lent_.end(), &lease);
}

void PostgresDatabase::unwatch(std::list<Lease*>::iterator place) {
  const std::lock_guard lock{mutex_};
  lent_.erase(place);
}

/// The server's own timeouts do not bound everything: not the wait for a synchronous standby, nor that for a machine that
/// is gone. A connection whose time is over is shut down under the driver's hands, which then sees it lost. Not cancelled: the
/// server answers a cancelled wait for the standby as if the commit were safe.
void PostgresDatabase::cut_overdue_connections() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    const auto now = std::chrono::steady_clock::now();
    for (const Lease* lease : lent_) {
      // Under the lock: no socket of the list is closed meanwhile, and its number another's.
      if (lease->cut_at <= now) ::shutdown(lease->connection->session().sock(), SHUT_RDWR);
    }
    stop_.wait_for(lock, watch_interval);
  }
}

PostgresDatabase::Lease::Lease(PostgresDatabase& lender, Patience patience) : owner(lender), connection(lender.take()) {
  const bool is_request = patience == Patience::of_a_request;
  cut_at = std::chrono::steady_clock::now() + (is_request ? longest_request : longest_errand);
  watched = owner.watch(*this);
}

PostgresDatabase::Lease::~Lease() {
  owner.unwatch(watched);
  if (is_good && connection->session().is_open()) {
    owner.give_back(std::move(connection));
  } else {
    owner.drop(std::move(connection));
  }
}

PostgresDatabase::Next PostgresDatabase::judge(Lease& lease, InDoubt in_doubt, int attempts) noexcept {
  const Next once_more = attempts < most_attempts ? Next::try_again : Next::give_up;
  try {
    throw;
  } catch (const pqxx::in_doubt_error&) {
    lease.is_good = false;
    return in_doubt == InDoubt::repeat ? once_more : Next::give_up;
  } catch (const pqxx::broken_connection&) {
    lease.is_good = false;
    return once_more;
  } catch (const pqxx::sql_error& error) {
    const std::string state = error.sqlstate();
    if (is_end_of_session(state)) lease.is_good = false;
    return lease.is_good ? Next::give_up : once_more;
  } catch (const pqxx::statement_completion_unknown&) {
    lease.is_good = false;
    return Next::give_up;
  } catch (const pqxx::transaction_rollback&) {
    // A deadlock or a serialization failure: rolled back for others' sake, who are to be through before the next attempt.
    std::this_thread::sleep_for(attempts * pause_before_repeat);
    return once_more;
  } catch (...) {
    lease.is_good = false;
    return Next::give_up;
  }
}

Error PostgresDatabase::translate() const noexcept {
  const auto error_of = [&](ErrorCode code, const std::string& words) {
    return Error{code, "storage.url: " + place_ + ": " + words};
  };
  try {
    throw;
  } catch (const pqxx::in_doubt_error&) {
    return error_of(ErrorCode::unavailable, "the connection was lost while it committed: nobody knows the outcome");
  } catch (const pqxx::sql_error& error) {
    const ErrorCode code = is_passing(error.sqlstate()) ? ErrorCode::unavailable : ErrorCode::internal;
    return error_of(code, first_line(error.what()) + " (" + error.sqlstate() + ")");
  } catch (const pqxx::transaction_rollback& error) {
    return error_of(ErrorCode::unavailable, first_line(error.what()));
  } catch (const pqxx::broken_connection& error) {
    return error_of(ErrorCode::unavailable, first_line(error.what()));
  } catch (const PoolExhausted& error) {
    return error_of(ErrorCode::unavailable, error.what());
  } catch (const std::exception& error) {
    return error_of(ErrorCode::internal, first_line(error.what()));
  }
}

}  // namespace waxseal::server
