-- Who changed which address: one row a step of a change, written in its transaction and kept as long as storage.retention says.
CREATE TABLE waxseal_audit (
  id             INTEGER PRIMARY KEY,
  at             INTEGER NOT NULL,
  event          TEXT NOT NULL CHECK (event IN ('requested', 'applied', 'cancelled', 'undone')),
  account_id     TEXT NOT NULL,
  link_version   INTEGER NOT NULL,
  old_email      TEXT NOT NULL,
  new_email      TEXT NOT NULL,
  key_id         TEXT,  -- the kid of the key that signed the pressed link, or 'django'; NULL: none was pressed
  client_address TEXT   -- NULL: a command, not a request
) STRICT;
CREATE INDEX waxseal_audit_account ON waxseal_audit (account_id);

-- When a pending change was last asked for again, if it was: its newest link counts from here.
ALTER TABLE waxseal_change ADD COLUMN asked_again_at INTEGER;

-- However many changes an account had: a request, which supersedes what is pending, must not look at all of them.
-- With the outcome in it SQLite prefers it to the primary key.
CREATE INDEX waxseal_change_pending ON waxseal_change (account_id, outcome) WHERE outcome = 'pending';
