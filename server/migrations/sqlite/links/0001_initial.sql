-- What Waxseal keeps beside any table of accounts. Times are Unix seconds, UTC. Account ids are text, whatever the
-- type of the accounts' own column. An account's row here may be missing: it then never asked for a link.

-- The version in force. Raised by a request for another address and by an applied change, never lowered.
CREATE TABLE waxseal_link_state (
  account_id   TEXT PRIMARY KEY NOT NULL,
  link_version INTEGER NOT NULL CHECK (link_version BETWEEN 1 AND 4294967295)
) STRICT, WITHOUT ROWID;

-- The change record: one row a version that was ever asked for.
CREATE TABLE waxseal_change (
  account_id   TEXT NOT NULL,
  link_version INTEGER NOT NULL,
  old_email    TEXT NOT NULL,
  new_email    TEXT NOT NULL,
  outcome      TEXT NOT NULL CHECK (outcome IN ('pending', 'applied', 'superseded', 'cancelled', 'undone')),
  requested_at INTEGER NOT NULL,
  settled_at   INTEGER,
  PRIMARY KEY (account_id, link_version),
  CHECK ((outcome = 'pending') = (settled_at IS NULL))
) STRICT, WITHOUT ROWID;

-- Who holds which address, by its uniqueness key. Empty where addresses need not be unique.
CREATE TABLE waxseal_email_claim (
  email_key  TEXT PRIMARY KEY NOT NULL,
  account_id TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

-- Used links of the `django` scheme, which carry no state of their own, until they expire by themselves.
CREATE TABLE waxseal_used_link (
  fingerprint  BLOB PRIMARY KEY NOT NULL CHECK (length(fingerprint) = 32),
  forget_after INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX waxseal_used_link_forget_after ON waxseal_used_link (forget_after);

-- Mails to be sent. Never holds a link: it is signed when the mail is sent.
CREATE TABLE waxseal_outbox (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  kind          TEXT NOT NULL CHECK (kind IN ('verify_email', 'email_in_use')),
  account_id    TEXT NOT NULL,
  address       TEXT NOT NULL,
  link_version  INTEGER NOT NULL,
  language      TEXT NOT NULL,
  message_token TEXT NOT NULL UNIQUE,
  created_at    INTEGER NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0,
  due_at        INTEGER,  -- when to try (again); a worker that holds the entry moves it to the end of its lease; NULL: done
  state         TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'dropped', 'dead')),
  reason        TEXT,
  settled_at    INTEGER,
  CHECK ((state = 'queued') = (due_at IS NOT NULL))
) STRICT;
CREATE INDEX waxseal_outbox_due ON waxseal_outbox (due_at, id) WHERE due_at IS NOT NULL;

-- How the claims above were made: 'none', 'exact' or 'canonical'. When the configuration says otherwise at start, they
-- are made anew.
CREATE TABLE waxseal_claim_basis (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  basis    TEXT NOT NULL
) STRICT;
INSERT INTO waxseal_claim_basis (only_row, basis) VALUES (1, 'none');
