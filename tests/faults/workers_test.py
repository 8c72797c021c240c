"""How many mails a second leave for a relay that is slow, by `mail.workers`. Prints its figures."""

import hashlib
import time
import unittest

from relay import Relay
from site_with_mail import RelayTest
from waxseal_program import Server, wait_until

ANSWER_S = 0.05  # of the relay, to each command
MAILS = 100


def token_of(number):
    return f"a-token-of-account-number-{number:04}"


class WorkersTest(RelayTest):
    def queue_mails(self):
        """Asked for while the relay is down."""
        for number in range(MAILS):
            self.site.query("INSERT INTO waxseal_account (id, email, active) VALUES (?, ?, 1)", f"u{number}", f"u{number}@site.example")
            self.site.query("INSERT INTO waxseal_token (token_hash, account_id, created_at) VALUES (?, ?, 0)",
                            hashlib.sha256(token_of(number).encode()).digest(), f"u{number}")
        self.configure_plain(1)
        with Server(self.site) as server:
            for number in range(MAILS):
                self.site.token = token_of(number)
                self.assertEqual(server.register_email(f"new{number}@site.example")[0], 200)

    def mails_a_second(self, workers):
        self.site.query("UPDATE waxseal_outbox SET state = 'queued', settled_at = NULL, due_at = 0, held_until = NULL")
        with Relay(login=False) as relay:
            relay.delay_s = dict.fromkeys(("EHLO", "MAIL", "RCPT", "the end of DATA"), ANSWER_S)
            self.configure_plain(relay.port, workers=workers)
            begun = time.monotonic()
            with Server(self.site):
                wait_until(lambda: len(relay.received) == MAILS, "every mail", 120)
                rate = MAILS / (time.monotonic() - begun)
        print(f"\n{workers} workers, {1000 * ANSWER_S:.0f} ms an answer: {rate:.0f} mails a second", flush=True)
        return rate

    def test_more_workers_send_more(self):
        self.queue_mails()
        one, four = self.mails_a_second(1), self.mails_a_second(4)
        self.assertGreater(four, 2 * one)


if __name__ == "__main__":
    unittest.main()
