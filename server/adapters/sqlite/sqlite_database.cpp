#include "adapters/sqlite/sqlite_database.hpp"

#include <sqlite3.h>

#include <chrono>
#include <thread>

namespace waxseal::server {
namespace {

constexpr std::chrono::milliseconds longest_wait{5000};

/// SQLite's own handler sleeps longer from attempt to attempt, up to 100 ms, and so meets another program that writes all
/// the time busy for seconds. One thread of ours at a time waits for the write lock, so trying often costs little.
constexpr std::chrono::milliseconds pause_between_attempts{1};

int wait_for_lock(void* give_up_at, int) {
  if (std::chrono::steady_clock::now() >= *static_cast<std::chrono::steady_clock::time_point*>(give_up_at)) return 0;
  std::this_thread::sleep_for(pause_between_attempts);
  return 1;
}

/// The switch of a new file to WAL does not wait for others that switch it at the same time, busy handler or not: it is
/// tried again here. On a file that is in WAL already it does nothing.
void switch_to_wal(SQLite::Database& database, std::chrono::steady_clock::time_point until) {
  while (true) {
    const int outcome = database.tryExec("PRAGMA journal_mode = WAL");
    if (outcome == SQLITE_OK) return;
    if ((outcome & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() >= until) {
      throw SQLite::Exception(database.getHandle(), outcome);
    }
    std::this_thread::sleep_for(pause_between_attempts);
  }
}

/// What SQLite's own words leave out.
const char* advice_for(int code) {
  switch (code) {
    case SQLITE_CANTOPEN: return " (SQLite must be able to make files beside it, too)";
    case SQLITE_READONLY: return " (this user must be able to write the file and its folder)";
    default: return "";
  }
}

}  // namespace

SqliteConnection::SqliteConnection(const std::string& path, SqliteFile file, WriteTurn& write_turn)
    : database_(path, SQLite::OPEN_READWRITE | (file == SqliteFile::made_if_absent ? SQLite::OPEN_CREATE : 0)),
      write_turn_(write_turn) {
  sqlite3_busy_handler(database_.getHandle(), wait_for_lock, &give_up_at_);
  start_waiting();
  // SQLite opens what it may not write for reading, and says so at the first write only.
  if (sqlite3_db_readonly(database_.getHandle(), "main") == 1) {
    throw SQLite::Exception("attempt to write a readonly database", SQLITE_READONLY);
  }
  if (file != SqliteFile::looked_at) switch_to_wal(database_, give_up_at_);
  database_.exec("PRAGMA synchronous = FULL");
  database_.exec("PRAGMA foreign_keys = ON");
}

void SqliteConnection::start_waiting() { give_up_at_ = std::chrono::steady_clock::now() + longest_wait; }

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
  connection_.start_waiting();
  if (!connection_.write_turn().take_until(connection_.give_up_at())) {
    throw SQLite::Exception("other writers held the database too long", SQLITE_BUSY);
  }
  try {
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
    connection->start_waiting();
    return connection;
  }
  ++opened_;
  lock.unlock();
  try {
    return std::make_unique<SqliteConnection>(path_, file_, write_turn_);
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

Error SqliteDatabase::translate(const SQLite::Exception& error) const {
  const std::string detail = "storage.url: " + path_ + ": " + error.what() + advice_for(error.getErrorCode() & 0xff);
  switch (error.getErrorCode() & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_NOMEM: return {ErrorCode::unavailable, detail};
    default: return {ErrorCode::internal, detail};
  }
}

}  // namespace waxseal::server
