#pragma once
/// @file sqlite_events.hpp
/// Events of the outbox, queued by the transaction that makes the change they tell of. Private to this adapter.

#include "adapters/sqlite/sqlite_database.hpp"
#include "ports/account_store.hpp"

namespace waxseal::server {

/// Needs a write transaction around it. @param token  Of the order.
void queue_event(SqliteConnection& connection, const EmailChange& change, const std::string& token);

}  // namespace waxseal::server
