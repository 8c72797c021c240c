-- Accounts and API tokens of our own, for sites whose configuration adopts no table of theirs.

CREATE TABLE waxseal_account (
  id     TEXT PRIMARY KEY NOT NULL,
  email  TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
) STRICT;

-- Tokens are random; only their SHA-256 is kept.
CREATE TABLE waxseal_token (
  token_hash BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),
  account_id TEXT NOT NULL REFERENCES waxseal_account (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX waxseal_token_account ON waxseal_token (account_id);
