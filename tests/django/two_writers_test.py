"""Django and Waxseal write the same SQLite file at once, and clients press links meanwhile: LOAD_SECONDS (5) of it.

A trigger on Django's table writes down every change in the order of commits. Django's writes each leave a mark in `last_name`;
what leaves none is Waxseal's.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
import unittest
from bisect import bisect_right
from collections import Counter, namedtuple
from email import message_from_bytes, policy

from beside_django import SITE, VERIFICATION_URL, BesideDjangoTest, User, fields_of
from django.db import connection
from waxseal_program import wait_until

LOAD_SECONDS = int(os.environ.get("LOAD_SECONDS", "5"))
ACCOUNTS = 24
CLIENTS = 8

OTHER_COLUMNS = [field.column for field in User._meta.concrete_fields if field.name not in ("id", "email")]


def audit_of(row):
    return "json_array(" + ", ".join(f"{row}.{column}" for column in OTHER_COLUMNS) + ")"


AUDIT_TABLE = """
    CREATE TABLE audit (id INTEGER PRIMARY KEY, account, email_before, email, mark_before, mark, others_before, others)"""
AUDIT_TRIGGER = f"""
    CREATE TRIGGER audit AFTER UPDATE ON auth_user BEGIN
      INSERT INTO audit (account, email_before, email, mark_before, mark, others_before, others)
      VALUES (new.id, old.email, new.email, old.last_name, new.last_name, {audit_of("old")}, {audit_of("new")});
    END"""
Change = namedtuple("Change", "id account email_before email mark_before mark others_before others")

# One press: where the audit stood before the request, and when its mail was seen.
Press = namedtuple("Press", "account email before_request mail_seen crossed status code")


def spread(seconds):
    percentiles = statistics.quantiles(seconds, n=100)
    return f"{percentiles[49] * 1000:.0f} ms in the middle, {percentiles[98] * 1000:.0f} ms at 99 %"


class Links:
    """Takes mails out of the folder as they come, and has the links by address."""

    def __init__(self, site):
        self._site = site
        self._links = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.wait(0.01):
            for file in self._site.mails():
                message = message_from_bytes(file.read_bytes(), policy=policy.default)
                lines = message.get_body("plain").get_content().splitlines()
                self._links[message["To"]] = next((line for line in lines if line.startswith(VERIFICATION_URL)), None)
                file.unlink()

    def to(self, email):
        """Its four values, or None where Waxseal dropped the mail: its link could not be taken any more."""
        link = wait_until(lambda: self._links.get(email) or self._dropped(email), f"a link to {email}")
        return None if link == "dropped" else fields_of(link)

    def _dropped(self, email):
        states = self._site.query("SELECT state FROM waxseal_outbox WHERE address = ? AND state = 'dropped'", email)
        return states and states[0][0]

    def stop(self):
        self._stop.set()
        self._thread.join()


class Client(threading.Thread):
    """Asks for addresses and presses the links, on accounts that no other client has. Every third time Django changes the
    address after the link was mailed and before it is pressed."""

    def __init__(self, test, number, accounts, until):
        super().__init__()
        self.test, self.accounts, self.until = test, accounts, until
        self.random = random.Random(number)
        self.name = f"w{number}"
        self.presses = []
        self.answers = Counter()
        self.seconds = []
        self.error = None

    def run(self):
        try:
            while time.monotonic() < self.until:
                self.press_one(self.random.choice(self.accounts), len(self.presses))
        except BaseException as error:  # told by the main thread
            self.error = error
        finally:
            connection.close()

    def ask(self, route, *arguments):
        start = time.monotonic()
        status, headers, _ = route(*arguments)
        self.seconds.append(time.monotonic() - start)
        code = headers.get("Waxseal-Code", "")
        self.answers[f"{route.__name__} {status} {code}".strip()] += 1
        return status, code

    def register(self, account, email):
        return self.test.register(self.test.waxseal, email, account)

    def press_one(self, account, number):
        email = f"{self.name}-{number}@waxseal.example"
        before_request = last_audited()
        status, _ = self.ask(self.register, account, email)
        if status != 200:  # told by `check_answers`
            return
        link = self.test.links.to(email)
        mail_seen = last_audited()
        if link is None:
            self.presses.append(Press(account.pk, email, before_request, mail_seen, False, None, "mail dropped"))
            return
        crossed = number % 3 == 2
        if crossed:
            mark = f"x{email}"
            User.objects.filter(pk=account.pk).update(email=f"{mark}.django.example", last_name=mark)
        status, code = self.ask(self.test.waxseal.verify_email, link)
        self.presses.append(Press(account.pk, email, before_request, mail_seen, crossed, status, code))


def last_audited():
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM audit")
        return cursor.fetchone()[0]


class TwoWritersTest(BesideDjangoTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.links = Links(cls.site)
        cls.addClassCleanup(cls.links.stop)

    def setUp(self):
        self.accounts = [self.new_account() for _ in range(ACCOUNTS)]
        with connection.cursor() as cursor:
            for statement in (AUDIT_TABLE, AUDIT_TRIGGER):
                cursor.execute(statement)

    def test_two_programs_write_one_file(self):
        written, clients = self.write_from_both()
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM audit ORDER BY id")
            changes = [Change(*row) for row in cursor.fetchall()]
        ours = [change for change in changes if change.mark == change.mark_before]
        theirs = [change for change in changes if change.mark != change.mark_before]
        presses = [press for client in clients for press in client.presses]
        self.report(written, clients, theirs, ours)

        self.check_answers(clients)
        self.check_other_columns(written, ours)
        self.check_addresses(written, changes, ours, presses)
        self.check_django(written, theirs)

    def write_from_both(self):
        ids = [account.pk for account in self.accounts]
        environment = self.site.environment(SITE_DATABASE=str(self.site.database), SITE_MAIL="unused",
                                            SITE_SECRET_FILE=str(self.site.folder / "secret"))
        writers = subprocess.Popen([sys.executable, "-B", SITE / "writers.py", str(LOAD_SECONDS), str(ids[0]), str(ids[-1])],
                                   env=environment, stdout=subprocess.PIPE, text=True)
        until = time.monotonic() + LOAD_SECONDS
        clients = [Client(self, number, self.accounts[number::CLIENTS], until) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        try:
            written = json.loads(writers.communicate(timeout=LOAD_SECONDS + 60)[0])
        finally:
            writers.kill()
            for client in clients:
                client.join()
        for client in clients:
            if client.error:
                raise client.error
        return written, clients

    def check_answers(self, clients):
        answers = sum((client.answers for client in clients), Counter())
        allowed = {"register 200", "verify_email 200 verified", "verify_email 400 link-superseded"}
        self.assertEqual(set(answers) - allowed, set(), answers)
        self.assertGreater(answers["verify_email 200 verified"], CLIENTS)

    def check_other_columns(self, written, ours):
        for change in ours:
            self.assertEqual(change.others, change.others_before)
        for account in self.accounts:
            row = self.row(account)
            row["last_login"] = row["last_login"] and row["last_login"].isoformat()
            # The marks of crossings are the tests' own writes, and may be later than the writers'.
            row["last_name"] = row["last_name"] if row["last_name"] in written["kinds"] else None
            for column, value in written["last"].get(str(account.pk), {}).items():
                if column != "last_name" or row["last_name"]:
                    self.assertEqual(row[column], value, (account.pk, column))

    def check_addresses(self, written, changes, ours, presses):
        """Each address that Waxseal wrote is that of a link that was pressed and taken, over one that was in force between the
        request and the mail: the only ones that Waxseal can have signed the link for."""
        taken = {press.email: press for press in presses if press.code == "verified"}
        self.assertEqual(sorted(change.email for change in ours), sorted(taken))
        history = {account.pk: [] for account in self.accounts}
        for change in changes:
            history[change.account].append(change)
        for change in ours:
            press = taken[change.email]
            of_account = history[press.account]
            ids = [other.id for other in of_account]
            start, end = bisect_right(ids, press.before_request), bisect_right(ids, press.mail_seen)
            readable = {other.email for other in of_account[max(0, start - 1):end]} | {of_account[start].email_before}
            self.assertIn(change.email_before, readable)
            if press.crossed:  # then something put the old address back, after the crossing
                since = [other.mark for other in of_account[end:] if other.id < change.id and other.email != other.email_before]
                self.assertIn("full_row", [written["kinds"].get(mark) for mark in since])
        for press in presses:
            if press.code == "mail dropped":  # then the address changed between the request and the mail
                between = [other for other in history[press.account] if press.before_request < other.id <= press.mail_seen]
                self.assertTrue([other for other in between if other.email != other.email_before], press)
        refused = [press for press in presses if press.crossed and press.code == "link-superseded"]
        self.assertTrue(refused)

    def check_django(self, written, theirs):
        """What Django writes without naming the address changes it only where it saves a full row outside of a transaction;
        and Django never waits in vain, but for transactions that read first, before it could say that they will write."""
        for change in theirs:
            kind = written["kinds"].get(change.mark)
            if kind and change.email != change.email_before:
                self.assertIn(kind, {"address", "full_row"})
        if "transaction_mode" not in connection.settings_dict["OPTIONS"]:
            written["failures"].pop("full_row_in_transaction: database is locked", None)
        self.assertEqual(written["failures"], {})

    def report(self, written, clients, theirs, ours):
        answers = sum((client.answers for client in clients), Counter())
        saves = Counter(written["kinds"].values())
        taken_back = Counter(written["kinds"].get(change.mark) for change in theirs
                             if change.email_before.endswith("@waxseal.example") and change.email != change.email_before)
        print(f"\n{LOAD_SECONDS} s: {len(theirs)} writes of Django, {len(ours)} addresses of Waxseal"
              f"\nanswers of Waxseal: {dict(answers)}, {spread(second for client in clients for second in client.seconds)}"
              f"\nwrites of Django: {spread(written['seconds'])}, failures: {written['failures'] or 'none'}"
              f"\nan address of Waxseal's taken back by {taken_back['full_row']} of {saves['full_row']} saves of a full row,"
              f" and by {taken_back['full_row_in_transaction']} of {saves['full_row_in_transaction']} in a transaction",
              file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
