-- The address in force is told of a request once, however often it is repeated.
CREATE UNIQUE INDEX waxseal_outbox_notice ON waxseal_outbox (account_id, link_version) WHERE kind = 'change_notice';
