#pragma once
/// @file sqlite_database.hpp
/// Connections to one SQLite file, each with its prepared statements, lent to one thread at a time. The errors of the
/// driver become ours here and nowhere else.

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>
#include <waxseal/error.hpp>

#include "ports/metrics.hpp"
#include "threads/batch_queue.hpp"

namespace waxseal::server {

/// How a file is opened. One that may only be read is refused either way.
enum class SqliteFile {
  made_if_absent,
  must_exist,  ///< Another program's: a wrong path must not make an empty file.
  looked_at,   ///< Must exist, and stays as it is, its journal mode too.
};

/// One connection. WAL (unless it is only looked at), synchronous=FULL, foreign keys on. Stays where it was made.
class SqliteConnection {
 public:
  SqliteConnection(const std::string& path, SqliteFile file);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  /// From now on its statements wait for the locks of others until then, all together. Each is tried once at least.
  void wait_until(std::chrono::steady_clock::time_point give_up_at) { give_up_at_ = give_up_at; }

  /// The statement of this text, prepared once, reset and without bindings. Good until `finish_statements`.
  SQLite::Statement& prepare(const std::string& sql);

  /// Resets what was prepared since the last call: a statement left in the middle keeps a snapshot of the file open.
  void finish_statements() noexcept;
  SQLite::Database& database() { return database_; }

 private:
  SQLite::Database database_;
  std::unordered_map<std::string, std::unique_ptr<SQLite::Statement>> statements_;
  std::vector<SQLite::Statement*> used_;
  std::chrono::steady_clock::time_point give_up_at_;
};

/// A write transaction, from BEGIN IMMEDIATE to `commit()`; rolled back if it goes out of scope before.
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

/// One's part of a write transaction that others may share.
class SqliteOwnPart {
 public:
  /// What was written is to stay. Without it all that this part wrote is rolled back, and nothing that others wrote.
  void keep() { kept_ = true; }
  bool kept() const { return kept_; }

 private:
  bool kept_ = false;
};

/// What one thread hands in to be written.
struct SqlitePart {
  std::function<bool(SqliteConnection&)> work;  ///< Whether what it wrote is to stay.
  std::chrono::steady_clock::time_point give_up_at;
  std::exception_ptr thrown = {};  ///< By its work: to be thrown where it was handed in.
};

/// Writes all of them in one transaction, in order, each as if it were alone. If one takes the transaction with it (the disk
/// is full), it fails and the others are written without it.
/// @throws SQLite::Exception  Nothing was written; or, if COMMIT failed, that is not known.
void write_together(SqliteConnection& connection, std::vector<SqlitePart*> parts);

class SqliteDatabase {
 public:
  /// @param connections   At least 1; opened when first needed, and kept.
  /// @param most_waiting  So many writes may wait for one that takes longer than a second, because others hold the file or the
  ///                      disk stands still; the next one fails at once.
  SqliteDatabase(std::string path, std::size_t connections, SqliteFile file = SqliteFile::made_if_absent,
                 std::size_t most_waiting = 32)
      : path_(std::move(path)), limit_(connections), file_(file), writes_(most_waiting, std::chrono::seconds{1}) {}

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

  /// Runs `work(connection, write)`, which returns a Result, in a write transaction, and returns once that is on disk or rolled
  /// back. Threads that write at the same time share one, and what it costs to make it durable; each has its own answer.
  /// Turn and lock are waited for 5 s at most. Fails as `run` does, and with ErrorCode::unavailable if too many wait.
  /// @param work  May be run again from its beginning, if another's part took the transaction with it.
  template <typename Work>
  auto write(Work&& work) -> decltype(work(std::declval<SqliteConnection&>(), std::declval<SqliteOwnPart&>())) {
    std::optional<decltype(work(std::declval<SqliteConnection&>(), std::declval<SqliteOwnPart&>()))> answer;
    try {
      write_part([&](SqliteConnection& connection) {
        SqliteOwnPart own;
        answer.emplace(work(connection, own));
        return own.kept();
      });
    } catch (const SQLite::Exception& error) {
      return tl::make_unexpected(translate(error));
    }
    return std::move(*answer);
  }

  const std::string& path() const { return path_; }

  /// Its connections. Any thread.
  PoolUse connections();

 private:
  void write_part(std::function<bool(SqliteConnection&)> work);
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
  BatchQueue<SqlitePart> writes_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_;
  std::size_t opened_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace waxseal::server
