"""2,000 requests while the backend is killed 20 times and the relay fails a third of the time before its final 250: what was
answered with 200 arrives. Prints its figures."""

import collections
import hashlib
import http.client
import json
import queue
import random
import threading
import time
import unittest
from email import message_from_bytes, policy

from relay import Handler, Relay
from site_with_mail import RelayTest
from waxseal_program import Server, wait_until

REQUESTS = 2000
ACCOUNTS = 1800  # so many ask once, the first 200 of them once more, for another address
KILLS = 20
CLIENTS = 8
SEED = 20261125


class UnreliableHandler(Handler):
    """Fails a third of the mails it is handed, at one of six places, the last of them after it has the whole message."""

    def __init__(self, relay):
        super().__init__(relay)
        self.random = random.Random(SEED)
        self.failures = collections.Counter()
        self.accepted = collections.Counter()  # by Message-ID; the relay said 250
        self.in_doubt = collections.Counter()  # by Message-ID; it had the message and hung up
        self.recipients = {}

    async def handle_MAIL(self, server, session, envelope, address, options):
        places = ("421 at MAIL", "hang up at MAIL", "451 at RCPT", "hang up at RCPT", "452 after DATA", "hang up after DATA")
        session.fate = self.random.choice(places) if self.random.random() < 1 / 3 else None
        if session.fate:
            self.failures[session.fate] += 1
        if session.fate == "421 at MAIL":
            return "421 4.3.2 shutting down"
        if session.fate == "hang up at MAIL":
            await self.hang_up(server)
        return await super().handle_MAIL(server, session, envelope, address, options)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if session.fate == "451 at RCPT":
            return "451 4.7.1 greylisted"
        if session.fate == "hang up at RCPT":
            await self.hang_up(server)
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.strict)
        if session.fate == "452 after DATA":
            return "452 4.3.1 disk full"
        identity = message["Message-ID"]
        self.recipients.setdefault(identity, set()).update([message["To"], *envelope.rcpt_tos])
        if session.fate == "hang up after DATA":
            self.in_doubt[identity] += 1
            await self.hang_up(server)
        self.accepted[identity] += 1
        return "250 OK"


class UnreliableRelay(Relay):
    def __init__(self):
        super().__init__(login=False)
        self.handler = UnreliableHandler(self)


class Clients:
    """Ask for one account after the other, several at once, until every request is answered with 200."""

    def __init__(self, site, port_of):
        self.site = site
        self.port_of = port_of
        self.work = queue.Queue()
        for number in range(REQUESTS):
            self.work.put((number % ACCOUNTS, f"new{number}@site.example"))
        self.promised = {}  # account: addresses in the order in which they were promised
        self.answers = collections.Counter()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while True:
            try:
                account, address = self.work.get_nowait()
            except queue.Empty:
                return
            self.ask(account, address)

    def ask(self, account, address):
        """Until it is answered: whoever got no answer asks again."""
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port_of(), timeout=10)
                connection.request("POST", "/api/v1/accounts/register-email/", json.dumps({"email": address}),
                                   {"Content-Type": "application/json", "Authorization": f"Token {token_of(account)}"})
                status = connection.getresponse().status
                connection.close()
            except (OSError, http.client.HTTPException):
                status = "no answer"
            with self.lock:
                self.answers[status] += 1
                if status == 200:
                    self.promised.setdefault(account, []).append(address)
                    return
            time.sleep(0.02)


def token_of(account):
    return f"a-token-of-account-number-{account:04}"


class OutboxTest(RelayTest):
    def add_accounts(self):
        for account in range(ACCOUNTS):
            self.site.query("INSERT INTO waxseal_account (id, email, active) VALUES (?, ?, 1)", f"u{account}", f"u{account}@site.example")
            self.site.query("INSERT INTO waxseal_token (token_hash, account_id, created_at) VALUES (?, ?, 0)",
                            hashlib.sha256(token_of(account).encode()).digest(), f"u{account}")

    def restart(self):
        """A dead worker's leases end, so that the next one need not wait five minutes for them."""
        self.site.query("UPDATE waxseal_outbox SET due_at = 0, held_until = NULL WHERE state = 'queued'")
        return Server(self.site)

    def kill_while_asked(self, clients):
        """Twenty times, each after another twentieth of the answers."""
        for kill in range(1, KILLS + 1):
            wait_until(lambda: clients.answers[200] >= REQUESTS * kill // (KILLS + 1), f"answers before kill {kill}", 120)
            self.server.kill()
            self.server.__exit__()
            self.server = self.restart()
        for thread in clients.threads:
            thread.join(timeout=300)

    def wait_until_settled(self):
        def settled():
            self.site.query("UPDATE waxseal_outbox SET due_at = 0 WHERE state = 'queued' AND held_until IS NULL")
            return self.site.query("SELECT count(*) FROM waxseal_outbox WHERE state = 'queued'") == [(0,)]
        wait_until(settled, "every mail is settled", 400)

    def test_what_was_promised_arrives_through_crashes_and_failures(self):
        begun = time.monotonic()
        self.add_accounts()
        with UnreliableRelay() as relay:
            self.site.configure(
                mail=self.smtp_settings(relay.port, tls="none", smtp_user=None, smtp_password_file=None, ca_file=None),
                register_email={"notify_old_address": False},
                limits={name: "1000000/h" for name in ("per_user", "per_address", "per_domain", "per_ip")})
            self.server = self.restart()
            try:
                clients = Clients(self.site, lambda: self.server.port)
                self.kill_while_asked(clients)
                self.wait_until_settled()
            finally:
                self.server.__exit__()
            self.judge(clients, relay.handler, time.monotonic() - begun)

    def judge(self, clients, relay, seconds):
        arrived = {address for identity in relay.accepted for address in relay.recipients[identity]}
        latest = {addresses[-1] for addresses in clients.promised.values()}
        duplicates = sum(count - 1 for count in relay.accepted.values())
        after_doubt = sum(count for identity, count in relay.in_doubt.items() if identity in relay.accepted)
        states = dict(self.site.query("SELECT state, count(*) FROM waxseal_outbox GROUP BY state"))
        print(f"\nanswers {dict(clients.answers)}; kills {KILLS}; failures of the relay {sum(relay.failures.values())} {dict(relay.failures)}"
              f"\npromised and not superseded {len(latest)}, of these arrived {len(latest & arrived)}; accepted mails {len(relay.accepted)}"
              f"\nduplicates {duplicates} ({100 * duplicates / len(relay.accepted):.2f} %); copies in doubt {after_doubt}"
              f"\noutbox {states}; {seconds:.0f} s", flush=True)
        self.assertEqual(clients.answers[200], REQUESTS)
        self.assertEqual(latest - arrived, set())
        self.assertLess(duplicates, len(relay.accepted) / 100)
        self.assertTrue(all(len(recipients) == 1 for recipients in relay.recipients.values()), "each Message-ID has one recipient")
        self.assertEqual(set(states), {"sent", "dropped"})
        self.assertGreater(sum(relay.failures.values()), 100)


if __name__ == "__main__":
    unittest.main()
