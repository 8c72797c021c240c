-- Accounts and API tokens of our own, for sites whose configuration adopts no table of theirs.

CREATE TABLE waxseal_account (
  id     text COLLATE "C" PRIMARY KEY,
  email  text COLLATE "C" NOT NULL,
  active boolean NOT NULL DEFAULT true
);

-- Tokens are random; only their SHA-256 is kept.
CREATE TABLE waxseal_token (
  token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
  account_id text COLLATE "C" NOT NULL REFERENCES waxseal_account (id) ON DELETE CASCADE,
  created_at bigint NOT NULL
);
CREATE INDEX waxseal_token_account ON waxseal_token (account_id);
