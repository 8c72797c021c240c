-- Who works on an entry, until when; since when an operator wants it tried anew; and an index for each of the two queues, so
-- that mails never wait for events.
ALTER TABLE waxseal_outbox ADD COLUMN held_until INTEGER;  -- the end of the last lease; NULL: nobody works on it
ALTER TABLE waxseal_outbox ADD COLUMN retried_at INTEGER;  -- `waxseal outbox retry`: what is too old counts from here

DROP INDEX waxseal_outbox_due;
CREATE INDEX waxseal_outbox_due_mail ON waxseal_outbox (due_at, id) WHERE due_at IS NOT NULL AND payload IS NULL;
CREATE INDEX waxseal_outbox_due_event ON waxseal_outbox (due_at, id) WHERE due_at IS NOT NULL AND payload IS NOT NULL;
