#pragma once
/// @file sqlite_database.hpp
/// Connections to one SQLite file, each with its prepared statements, lent to one thread at a time. The errors of the
/// driver become ours here and nowhere else.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <waxseal/error.hpp>

namespace waxseal::server {

/// One writer of this process at a time. Not std::timed_mutex: ThreadSanitizer of GCC 12 does not know its clock.
class WriteTurn {
 public:
  /// False if others had the turn until then.
  bool take_until(std::chrono::steady_clock::time_point deadline);
  void give_back();

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  bool taken_ = false;
};

/// How a file is opened. One that may only be read is refused either way.
enum class SqliteFile {
  made_if_absent,
  must_exist,  ///< Another program's: a wrong path must not make an empty file.
  looked_at,   ///< Must exist, and stays as it is, its journal mode too.
};

/// One connection. WAL (unless it is only looked at), synchronous=FULL, foreign keys on. Stays where it was
/// made.
class SqliteConnection {
 public:
  /// @param write_turn  Shared by the connections of one process; outlives them.
  SqliteConnection(const std::string& path, SqliteFile file, WriteTurn& write_turn);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  /// From now on its statements wait for the locks of others for 5 s at most, all together.
  void start_waiting();
  std::chrono::steady_clock::time_point give_up_at() const { return give_up_at_; }

  /// The statement of this text, prepared once, reset and without bindings. Good until `finish_statements`.
  SQLite::Statement& prepare(const std::string& sql);

  /// Resets what was prepared since the last call: a statement left in the middle keeps a snapshot of the file open.
  void finish_statements() noexcept;
  SQLite::Database& database() { return database_; }
  WriteTurn& write_turn() { return write_turn_; }

 private:
  SQLite::Database database_;
  WriteTurn& write_turn_;
  std::unordered_map<std::string, std::unique_ptr<SQLite::Statement>> statements_;
  std::vector<SQLite::Statement*> used_;
  std::chrono::steady_clock::time_point give_up_at_;
};

/// A write transaction, from BEGIN IMMEDIATE to `commit()`; rolled back if it goes out of scope before. Writers of one
/// process wait for their turn here: waiting for SQLite's lock is polling, and unfair enough to starve one for seconds. Turn and
/// lock together are waited for 5 s at most; then SQLITE_BUSY is thrown.
class SqliteWrite {
 public:
  explicit SqliteWrite(SqliteConnection& connection);
  ~SqliteWrite();
  SqliteWrite(const SqliteWrite&) = delete;
  SqliteWrite& operator=(const SqliteWrite&) = delete;
  void commit();

 private:
  SqliteConnection& connection_;
  bool open_ = true;
};

class SqliteDatabase {
 public:
  /// @param connections  At least 1; opened when first needed, and kept.
  SqliteDatabase(std::string path, std::size_t connections, SqliteFile file = SqliteFile::made_if_absent)
      : path_(std::move(path)), limit_(connections), file_(file) {}

  /// Runs `work(connection)`, which returns a Result, and turns the driver's exceptions into
  /// ErrorCode::unavailable (busy, full, unreadable: it may work later) or ErrorCode::internal.
  template <typename Work>
  auto run(Work&& work) -> decltype(work(std::declval<SqliteConnection&>())) {
    try {
      const Lease lease{*this};
      return work(*lease.connection);
    } catch (const SQLite::Exception& error) {
      return tl::make_unexpected(translate(error));
    }
  }

  const std::string& path() const { return path_; }

 private:
  struct Lease {
    explicit Lease(SqliteDatabase& lender) : owner(lender), connection(lender.take()) {}
    ~Lease() {
      connection->finish_statements();
      owner.give_back(std::move(connection));
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    SqliteDatabase& owner;
    std::unique_ptr<SqliteConnection> connection;
  };
  std::unique_ptr<SqliteConnection> take();
  void give_back(std::unique_ptr<SqliteConnection> connection);
  /// `log_detail` names the key of the configuration and the file.
  Error translate(const SQLite::Exception& error) const;

  std::string path_;
  std::size_t limit_;
  SqliteFile file_;
  WriteTurn write_turn_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_;
  std::size_t opened_ = 0;
};

}  // namespace waxseal::server
