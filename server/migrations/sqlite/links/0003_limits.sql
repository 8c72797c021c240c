-- What is used of each limit: one row a subject, which is a SHA-256, and the time (Unix microseconds, UTC) from which on
-- nothing of it is used any more. Rows whose time has come are deleted by the requests that follow.

CREATE TABLE waxseal_limit (
  subject      BLOB PRIMARY KEY NOT NULL CHECK (length(subject) = 32),
  used_till_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX waxseal_limit_used_till ON waxseal_limit (used_till_us);
