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

std::chrono::steady_clock::time_point latest_lock_from_now() { return std::chrono::steady_clock::now() + longest_wait; }

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

SqliteConnection::SqliteConnection(const std::string& path, SqliteFile file)
    : database_(path, SQLite::OPEN_READWRITE | (file == SqliteFile::made_if_absent ? SQLite::OPEN_CREATE : 0)),
      give_up_at_(latest_lock_from_now()) {
  sqlite3_busy_handler(database_.getHandle(), wait_for_lock, &give_up_at_);
  // SQLite opens what it may not write for reading, and says so at the first write only.
  if (sqlite3_db_readonly(database_.getHandle(), "main") == 1) {
    throw SQLite::Exception("attempt to write a readonly database", SQLITE_READONLY);
  }
  if (file != SqliteFile::looked_at) switch_to_wal(database_, give_up_at_);
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

SqliteWrite::SqliteWrite(SqliteConnection& connection) : connection_(connection) {
  connection_.prepare("BEGIN IMMEDIATE").exec();
}

SqliteWrite::~SqliteWrite() {
  if (open_) connection_.database().tryExec("ROLLBACK");
}

void SqliteWrite::commit() {
  connection_.prepare("COMMIT").exec();
  open_ = false;
}

void SqliteDatabase::write_part(std::function<bool(SqliteConnection&)> work) {
  SqlitePart part{std::move(work), latest_lock_from_now()};
  const auto write_all = [this](const std::vector<SqlitePart*>& parts) {
    const Lease lease{*this};
    write_together(*lease.connection, parts);
  };
  if (writes_.run(part, write_all) == BatchQueue<SqlitePart>::Outcome::refused) {
    throw SQLite::Exception("too many writes wait for their turn", SQLITE_BUSY);
  }
  if (part.thrown) std::rethrow_exception(part.thrown);
}

std::unique_ptr<SqliteConnection> SqliteDatabase::take() {
  std::unique_lock lock{mutex_};
  ++waiting_;
  returned_.wait(lock, [&] { return !idle_.empty() || opened_ < limit_; });
  --waiting_;
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    connection->wait_until(latest_lock_from_now());
    return connection;
  }
  ++opened_;
  lock.unlock();
  try {
    return std::make_unique<SqliteConnection>(path_, file_);
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

PoolUse SqliteDatabase::connections() {
  const std::lock_guard lock{mutex_};
  return {opened_ - idle_.size(), limit_, waiting_};
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
