#include "adapters/sqlite/sqlite_database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <thread>

namespace waxseal::server {
namespace {

constexpr std::chrono::milliseconds longest_wait{5000};

constexpr std::chrono::milliseconds pause_between_attempts{5};

/// The switch of a new file to WAL does not wait for others that switch it at the same time, busy timeout or not: it is
/// tried again here. On a file that is in WAL already it does nothing.
void switch_to_wal(SQLite::Database& database) {
  const auto until = std::chrono::steady_clock::now() + longest_wait;
  while (true) {
    const int outcome = database.tryExec("PRAGMA journal_mode = WAL");
    if (outcome == SQLITE_OK) return;
    if ((outcome & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() >= until) {
      throw SQLite::Exception(database.getHandle(), outcome);
    }
    std::this_thread::sleep_for(pause_between_attempts);
  }
}

}  // namespace

SqliteConnection::SqliteConnection(const std::string& path, WriteTurn& write_turn)
    : database_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, static_cast<int>(longest_wait.count())),
      write_turn_(write_turn) {
  switch_to_wal(database_);
  database_.exec("PRAGMA synchronous = FULL");
  database_.exec("PRAGMA foreign_keys = ON");
}

SQLite::Statement& SqliteConnection::prepare(const std::string& sql) {
  auto& statement = statements_[sql];
  if (!statement) {
    statement = std::make_unique<SQLite::Statement>(database_, sql);
  } else {
    statement->tryReset();
    statement->clearBindings();
  }
  used_.push_back(statement.get());
  return *statement;
}

void SqliteConnection::finish_statements() noexcept {
  for (SQLite::Statement* statement : used_) statement->tryReset();
  used_.clear();
}

bool WriteTurn::take_until(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  if (!free_.wait_until(lock, deadline, [&] { return !taken_; })) return false;
  taken_ = true;
  return true;
}

void WriteTurn::give_back() {
  {
    const std::lock_guard lock{mutex_};
    taken_ = false;
  }
  free_.notify_one();
}

SqliteWrite::SqliteWrite(SqliteConnection& connection) : connection_(connection) {
  const auto until = std::chrono::steady_clock::now() + longest_wait;
  if (!connection_.write_turn().take_until(until)) {
    throw SQLite::Exception("other writers held the database too long", SQLITE_BUSY);
  }
  try {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    connection_.database().setBusyTimeout(static_cast<int>(std::max<std::int64_t>(left.count(), 1)));
    connection_.database().exec("BEGIN IMMEDIATE");
  } catch (...) {
    connection_.write_turn().give_back();
    throw;
  }
}

SqliteWrite::~SqliteWrite() {
  if (open_) connection_.database().tryExec("ROLLBACK");
  connection_.write_turn().give_back();
}

void SqliteWrite::commit() {
  connection_.database().exec("COMMIT");
  open_ = false;
}

std::unique_ptr<SqliteConnection> SqliteDatabase::take() {
  std::unique_lock lock{mutex_};
  returned_.wait(lock, [&] { return !idle_.empty() || opened_ < limit_; });
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  ++opened_;
  lock.unlock();
  try {
    return std::make_unique<SqliteConnection>(path_, write_turn_);
  } catch (...) {
    lock.lock();
    --opened_;
    throw;
  }
}

void SqliteDatabase::give_back(std::unique_ptr<SqliteConnection> connection) {
  {
    const std::lock_guard lock{mutex_};
    idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

Error SqliteDatabase::translate(const SQLite::Exception& error) {
  switch (error.getErrorCode() & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_NOMEM: return {ErrorCode::unavailable, std::string{"sqlite: "} + error.what()};
    default: return {ErrorCode::internal, std::string{"sqlite: "} + error.what()};
  }
}

}  // namespace waxseal::server
