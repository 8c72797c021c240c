#pragma once
/// @file postgres_database.hpp
/// Connections to one PostgreSQL database, each with its prepared statements, lent to one thread at a time. What of a failure may be
/// tried again is decided here, and the errors of the driver become ours here and nowhere else.

#include <chrono>
#include <condition_variable>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <waxseal/error.hpp>

#include "adapters/postgres/bind.hpp"
#include "ports/metrics.hpp"
#include "values/postgres_url.hpp"

namespace waxseal::server {

/// One session. Stays where it was made; never reconnects by itself, for it would come back without its settings.
class PostgresConnection {
 public:
  /// Connects. Throws pqxx::broken_connection.
  explicit PostgresConnection(const std::string& connection_string);
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  pqxx::connection& session() { return session_; }

  /// The name of this statement, which is prepared when it is first run.
  const std::string& prepare(const std::string& sql);

 private:
  pqxx::connection session_;
  std::unordered_map<std::string, std::string> names_;
};

/// Ends a transaction. Throws pqxx::in_doubt_error where nobody knows how it ended.
void commit(pqxx::transaction_base& transaction);

/// The statements of one transaction, or single ones where it only reads.
class PostgresTransaction {
 public:
  PostgresTransaction(PostgresConnection& connection, pqxx::transaction_base& transaction)
      : connection_(connection), transaction_(transaction) {}

  /// Runs a prepared statement with the values as `$1`, `$2` and so on. Throws what the driver throws.
  template <typename... Values>
  pqxx::result run(const std::string& sql, const Values&... values) {
    const std::vector<PostgresValue> parameters{value_of(values)...};
    return transaction_.exec_prepared(connection_.prepare(sql), pqxx::prepare::make_dynamic_params(parameters));
  }

  /// How many rows a writing statement met.
  template <typename... Values>
  std::size_t write(const std::string& sql, const Values&... values) {
    return run(sql, values...).affected_rows();
  }

  template <typename... Values>
  bool is_any(const std::string& sql, const Values&... values) {
    return !run(sql, values...).empty();
  }

  /// Statements without values, several at once: the rows of the last one.
  pqxx::result script(const std::string& sql) { return transaction_.exec(sql); }

  /// What was written is to stay. Without it everything is rolled back.
  void keep() { kept_ = true; }
  bool kept() const { return kept_; }

 private:
  PostgresConnection& connection_;
  pqxx::transaction_base& transaction_;
  bool kept_ = false;
};

/// What to do when the connection was lost while it committed, so that the change may or may not have been made.
enum class InDoubt {
  fail,   ///< ErrorCode::unavailable: who asked must find out.
  repeat  ///< Once more: the second time changes nothing if the first did.
};

/// How long a piece of work may take.
enum class Patience {
  of_a_request,  ///< Statements 5 s, locks 4 s, all together 10 s; then the connection is cut, whatever the server waits for.
  of_an_operator
};

class PostgresDatabase {
 public:
  /// @param connections  At least 1; opened when first needed, and kept.
  PostgresDatabase(PostgresUrl url, std::size_t connections);
  ~PostgresDatabase();
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  /// Runs `work(transaction)`, which returns a Result and only reads: each statement is a transaction of its own.
  /// A lost connection, and what a later attempt can mend, are tried again. Fails with ErrorCode::unavailable (lost, busy, full,
  /// switched to a standby: it may work later) or ErrorCode::internal.
  template <typename Work>
  auto read(Work&& work) {
    return attempt<pqxx::nontransaction>(InDoubt::repeat, Patience::of_a_request, work);
  }

  /// Runs `work(transaction)` in a transaction, which is committed if the work calls `keep()`. Tried again, from its beginning, after a
  /// deadlock, a serialization failure, and a connection that was lost before the commit; after that as `in_doubt` says.
  template <typename Work>
  auto write(InDoubt in_doubt, Work&& work, Patience patience = Patience::of_a_request) {
    return attempt<pqxx::work>(in_doubt, patience, work);
  }

  /// Hosts, ports and the database's name, for people.
  const std::string& place() const { return place_; }

  /// Its connections. Any thread.
  PoolUse connections();

 private:
  struct Lease;
  enum class Next { try_again, give_up };

  template <typename Transaction, typename Work>
  auto attempt(InDoubt in_doubt, Patience patience, Work& work) -> decltype(work(std::declval<PostgresTransaction&>()));

  std::unique_ptr<PostgresConnection> take();
  void give_back(std::unique_ptr<PostgresConnection> connection);
  void drop(std::unique_ptr<PostgresConnection> connection);
  std::list<Lease*>::iterator watch(Lease& lease);
  void unwatch(std::list<Lease*>::iterator place);
  void cut_overdue_connections();
  /// Looks at the exception under way: whether the lease's connection is still good, and what next.
  Next judge(Lease& lease, InDoubt in_doubt, int attempts) noexcept;
  /// The exception under way as an error of ours. `log_detail` names the key of the configuration and the place.
  Error translate() const noexcept;

  std::string connection_string_;
  std::string place_;
  std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
  std::size_t opened_ = 0;
  std::size_t waiting_ = 0;
  std::list<Lease*> lent_;
  bool stopping_ = false;
  std::condition_variable stop_;
  std::thread watchdog_;
};

/// A connection on loan, and until when.
struct PostgresDatabase::Lease {
  Lease(PostgresDatabase& lender, Patience patience);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  PostgresDatabase& owner;
  std::unique_ptr<PostgresConnection> connection;
  std::chrono::steady_clock::time_point cut_at;
  std::list<Lease*>::iterator watched;
  bool is_good = true;  ///< Whether the connection may be lent again.
};

template <typename Transaction, typename Work>
auto PostgresDatabase::attempt(InDoubt in_doubt, Patience patience, Work& work)
    -> decltype(work(std::declval<PostgresTransaction&>())) {
  for (int attempts = 1;; ++attempts) {
    try {
      Lease lease{*this, patience};
      try {
        Transaction driver_transaction{lease.connection->session()};
        PostgresTransaction transaction{*lease.connection, driver_transaction};
        if (patience == Patience::of_an_operator)
          transaction.script("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0");
        auto answer = work(transaction);
        if (transaction.kept()) commit(driver_transaction);
        return answer;
      } catch (...) {
        if (judge(lease, in_doubt, attempts) == Next::give_up) throw;
      }
    } catch (...) {
      return tl::make_unexpected(translate());
    }
  }
}

}  // namespace waxseal::server
