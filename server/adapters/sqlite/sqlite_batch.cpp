// Several parts in one transaction, each as if it were alone.

#include <sqlite3.h>

#include "adapters/sqlite/sqlite_database.hpp"

namespace waxseal::server {
namespace {

enum class Company { none, others };

/// SQLite rolls back by itself where it cannot go on, for instance when the disk is full.
bool is_transaction_lost(SqliteConnection& connection) {
  return sqlite3_get_autocommit(connection.database().getHandle()) != 0;
}

/// Runs one part and undoes what it does not keep. Alone it needs no savepoint: its transaction is not committed then.
/// @return  Whether it keeps what it wrote.
bool run_part(SqliteConnection& connection, SqlitePart& part, Company company) {
  if (company == Company::others) connection.prepare("SAVEPOINT part").exec();
  bool kept = false;
  part.thrown = {};
  try {
    kept = part.work(connection);
  } catch (...) {
    part.thrown = std::current_exception();
  }
  connection.finish_statements();
  if (company == Company::none || is_transaction_lost(connection)) return kept;
  if (!kept) connection.prepare("ROLLBACK TO part").exec();
  connection.prepare("RELEASE part").exec();
  return kept;
}

/// False if a part took the transaction with it: that one is taken out, and nothing of the others was written.
bool write_once(SqliteConnection& connection, std::vector<SqlitePart*>& parts) {
  connection.wait_until(parts.front()->give_up_at);
  SqliteWrite transaction{connection};
  const Company company = parts.size() == 1 ? Company::none : Company::others;
  bool anything = false;
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    const bool kept = run_part(connection, **part, company);
    if (is_transaction_lost(connection)) {
      if (!(*part)->thrown) {
        (*part)->thrown = std::make_exception_ptr(SQLite::Exception("the transaction was lost", SQLITE_ABORT));
      }
      parts.erase(part);
      return false;
    }
    anything = anything || kept;
  }
  if (anything) transaction.commit();
  return true;
}

}  // namespace

void write_together(SqliteConnection& connection, std::vector<SqlitePart*> parts) {
  while (!parts.empty() && !write_once(connection, parts)) {
  }
}

}  // namespace waxseal::server
