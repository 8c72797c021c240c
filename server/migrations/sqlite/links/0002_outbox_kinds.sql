-- Makes room for the notice to the old address, the news of an undone change, and events for the site's own webhook.
-- SQLite cannot change a CHECK: the table is made anew and keeps its rows and their ids.

CREATE TABLE waxseal_outbox_new (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  kind          TEXT NOT NULL CHECK (kind IN ('verify_email', 'email_in_use', 'change_notice', 'change_undone', 'email_changed')),
  account_id    TEXT NOT NULL,
  address       TEXT NOT NULL,  -- the one recipient; of an email_changed event: the new address
  link_version  INTEGER NOT NULL,
  language      TEXT NOT NULL,
  payload       TEXT,           -- JSON of an email_changed event; NULL for mails, whose words are made when they are sent
  message_token TEXT NOT NULL UNIQUE,
  created_at    INTEGER NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0,
  due_at        INTEGER,  -- when to try (again); a worker that holds the entry moves it to the end of its lease; NULL: done
  state         TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'dropped', 'dead')),
  reason        TEXT,
  settled_at    INTEGER,
  CHECK ((state = 'queued') = (due_at IS NOT NULL)),
  CHECK ((kind = 'email_changed') = (payload IS NOT NULL))
) STRICT;
INSERT INTO waxseal_outbox_new
  (id, kind, account_id, address, link_version, language, message_token, created_at, attempts, due_at, state, reason, settled_at)
  SELECT id, kind, account_id, address, link_version, language, message_token, created_at, attempts, due_at, state, reason, settled_at
    FROM waxseal_outbox;
DROP TABLE waxseal_outbox;
ALTER TABLE waxseal_outbox_new RENAME TO waxseal_outbox;
CREATE INDEX waxseal_outbox_due ON waxseal_outbox (due_at, id) WHERE due_at IS NOT NULL;
