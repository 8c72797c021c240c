#include "adapters/postgres/postgres_events.hpp"

namespace waxseal::server {

void queue_event(PostgresTransaction& transaction, const EmailChange& change, const std::string& token) {
  transaction.write(R"(
    INSERT INTO waxseal_outbox
      (kind, account_id, address, link_version, language, payload, message_token, created_at, due_at)
    VALUES ('email_changed', $1, $2::text, 0, '',
            jsonb_build_object('reason', $3::text, 'old_email', $4::text, 'new_email', $2::text), $5, $6, $6))",
                    change.account_id, change.new_email, name_of(change.reason), change.old_email, token, change.at);
}

}  // namespace waxseal::server
