#pragma once
/// @file postgres_events.hpp
/// Events of the outbox, queued by the transaction that makes the change they tell of. Private to this adapter.

#include "adapters/postgres/postgres_database.hpp"
#include "ports/account_store.hpp"

namespace waxseal::server {

/// @param token  Of the order.
void queue_event(PostgresTransaction& transaction, const EmailChange& change, const std::string& token);

}  // namespace waxseal::server
