#include "adapters/sqlite/sqlite_events.hpp"

#include "adapters/sqlite/bind.hpp"

namespace waxseal::server {

void queue_event(SqliteConnection& connection, const EmailChange& change, const std::string& token) {
  bind_all(connection.prepare(R"(
    INSERT INTO waxseal_outbox
      (kind, account_id, address, link_version, language, payload, message_token, created_at, due_at)
    VALUES ('email_changed', ?1, ?2, 0, '', json_object('reason', ?3, 'old_email', ?4, 'new_email', ?2), ?5, ?6, ?6))"),
           change.account_id, change.new_email, name_of(change.reason), change.old_email, token, change.at)
      .exec();
}

}  // namespace waxseal::server
