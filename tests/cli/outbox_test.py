"""`waxseal outbox`: what an operator sees of the mails that wait, and what may be done to them."""

import time
import unittest

from waxseal_program import SiteTest

DAY_S = 86400


class OutboxTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.prepare()
        self.now = int(time.time())

    def put(self, address, state="queued", *, age_s=0, due_in_s=0, held_for_s=None, attempts=0, reason=None, kind="verify_email"):
        """One entry, as the server would have left it. Returns its id."""
        settled = state != "queued"
        self.site.query("""INSERT INTO waxseal_outbox (kind, account_id, address, link_version, language, payload, message_token,
                                                       created_at, attempts, due_at, held_until, state, reason, settled_at)
                           VALUES (?, '1', ?, 1, 'en', NULL, ?, ?, ?, ?, ?, ?, ?, ?)""",
                        kind, address, address, self.now - age_s, attempts, None if settled else self.now + due_in_s,
                        None if held_for_s is None else self.now + held_for_s, state, reason, self.now - age_s if settled else None)
        return self.site.query("SELECT max(id) FROM waxseal_outbox")[0][0]

    def states(self):
        return dict(self.site.query("SELECT address, state FROM waxseal_outbox ORDER BY id"))

    def listed(self, *arguments):
        return [entry["address"] for entry in self.site.must("outbox", "list", "--json", *arguments).json()["entries"]]


class ListTest(OutboxTest):
    def test_everything_of_an_entry(self):
        identity = self.put("a@x.example", due_in_s=100, attempts=2, reason="451 later", age_s=50)
        entry, = self.site.must("outbox", "list", "--json").json()["entries"]
        self.assertEqual(entry, {
            "id": identity, "kind": "verify_email", "account": "1", "address": "a@x.example", "state": "queued", "attempts": 2,
            "held": False, "due_unix_s": self.now + 100, "reason": "451 later", "created_unix_s": self.now - 50, "settled_unix_s": None})
        text = self.site.must("outbox", "list").out
        for word in (str(identity), "queued", "verify_email", "a@x.example", "2 failures", "451 later", "due "):
            self.assertIn(word, text)

    def test_what_a_worker_holds_is_marked(self):
        self.put("a@x.example", due_in_s=300, held_for_s=300)
        self.assertTrue(self.site.must("outbox", "list", "--json").json()["entries"][0]["held"])
        self.assertIn("being sent", self.site.must("outbox", "list").out)

    def test_states_can_be_chosen_and_an_empty_outbox_is_an_empty_list(self):
        self.assertEqual(self.listed(), [])
        for state in ("queued", "sent", "dropped", "dead"):
            self.put(f"{state}@x.example", state)
        self.assertEqual(self.listed(), [f"{state}@x.example" for state in ("queued", "sent", "dropped", "dead")])
        self.assertEqual(self.listed("--state", "dead"), ["dead@x.example"])
        self.assertEqual(self.listed("--state", "dead,queued"), ["queued@x.example", "dead@x.example"])
        self.assert_refused(self.site.run("outbox", "list", "--state", "lost"), "lost", code=2)

    def test_the_newest_are_shown_and_it_says_that_there_may_be_more(self):
        for number in range(3):
            self.put(f"{number}@x.example")
        answer = self.site.must("outbox", "list", "--limit", "2", "--json")
        self.assertEqual([entry["address"] for entry in answer.json()["entries"]], ["1@x.example", "2@x.example"])
        self.assertIn("--limit", answer.err)

    def test_without_tables(self):
        self.site.database.unlink()
        for command in (["list"], ["retry", "--all"], ["purge", "--all"]):
            self.assert_refused(self.site.run("outbox", *command), "waxseal migrate")


class RetryTest(OutboxTest):
    def test_dead_and_waiting_ones_are_due_at_once_with_new_patience(self):
        dead = self.put("dead@x.example", "dead", age_s=30 * DAY_S, attempts=9, reason="550 no")
        waiting = self.put("waiting@x.example", due_in_s=3000, attempts=5)
        self.assertEqual(self.site.must("outbox", "retry", dead, waiting, "--json").json(), {"retried": 2})
        for state, attempts, due, retried, reason in self.site.query(
                "SELECT state, attempts, due_at, retried_at, reason FROM waxseal_outbox ORDER BY id"):
            self.assertEqual((state, attempts), ("queued", 0))
            self.assertLessEqual(due, time.time())
            self.assertGreaterEqual(retried, self.now)
        self.assertEqual(self.site.query("SELECT reason FROM waxseal_outbox WHERE id = ?", dead), [("550 no",)])

    def test_all(self):
        for state in ("queued", "sent", "dropped", "dead"):
            self.put(f"{state}@x.example", state)
        self.put("held@x.example", due_in_s=300, held_for_s=300)
        self.assertIn("retried 2", self.site.must("outbox", "retry", "--all").out)
        self.assertEqual(self.states()["sent@x.example"], "sent")
        self.assertEqual(self.states()["dead@x.example"], "queued")
        held, = self.site.query("SELECT due_at FROM waxseal_outbox WHERE address = 'held@x.example'")
        self.assertEqual(held[0], self.now + 300)

    def test_what_cannot_be_tried_again_is_named_and_nothing_is_touched(self):
        dead = self.put("dead@x.example", "dead")
        sent = self.put("sent@x.example", "sent")
        held = self.put("held@x.example", due_in_s=300, held_for_s=300)
        self.assert_refused(self.site.run("outbox", "retry", dead, sent), f"entry {sent} is sent")
        self.assert_refused(self.site.run("outbox", "retry", dead, held), f"entry {held} is being sent")
        self.assert_refused(self.site.run("outbox", "retry", dead, 99), "entry 99 is not in the outbox")
        self.assertEqual(self.states()["dead@x.example"], "dead")

    def test_misuse(self):
        for arguments in ([], ["seven"], ["1", "--all"]):
            self.assertEqual(self.site.run("outbox", "retry", *arguments).code, 2, arguments)


class PurgeTest(OutboxTest):
    def setUp(self):
        super().setUp()
        for state in ("queued", "sent", "dropped", "dead"):
            for age_d in (1, 40):
                self.put(f"{state}-{age_d}@x.example", state, age_s=age_d * DAY_S)

    def left(self):
        return sorted(name.split("@")[0] for name in self.states())

    def test_by_age(self):
        self.assertEqual(self.site.must("outbox", "purge", "--older-than", "30d", "--json").json(), {"purged": 3})
        self.assertEqual(self.left(), ["dead-1", "dropped-1", "queued-1", "queued-40", "sent-1"])

    def test_by_state_and_age(self):
        self.assertIn("purged 1", self.site.must("outbox", "purge", "--state", "sent", "--older-than", "30d").out)
        self.assertEqual(len(self.left()), 7)
        self.assertNotIn("sent-40", self.left())

    def test_all_is_all_that_is_done(self):
        self.site.must("outbox", "purge", "--all")
        self.assertEqual(self.left(), ["queued-1", "queued-40"])

    def test_by_id(self):
        dead, = self.site.query("SELECT id FROM waxseal_outbox WHERE address = 'dead-1@x.example'")
        self.site.must("outbox", "purge", dead[0])
        self.assertNotIn("dead-1", self.left())
        self.assertEqual(len(self.left()), 7)

    def test_what_was_promised_goes_only_when_that_is_said(self):
        queued, = self.site.query("SELECT id FROM waxseal_outbox WHERE address = 'queued-1@x.example'")
        self.assert_refused(self.site.run("outbox", "purge", queued[0]), "--with-queued")
        self.assert_refused(self.site.run("outbox", "purge", "--state", "queued"), "--with-queued", code=2)
        self.assertEqual(len(self.left()), 8)
        self.site.must("outbox", "purge", "--state", "queued", "--older-than", "30d", "--with-queued")
        self.assertEqual(len(self.left()), 7)
        self.put("held@x.example", due_in_s=300, held_for_s=300)
        self.site.must("outbox", "purge", "--all", "--with-queued")
        self.assertEqual(self.left(), ["held"])

    def test_misuse(self):
        for arguments in ([], ["--with-queued"], ["--older-than", "a month"], ["--state", "lost"]):
            self.assertEqual(self.site.run("outbox", "purge", *arguments).code, 2, arguments)
        self.assertEqual(len(self.left()), 8)


if __name__ == "__main__":
    unittest.main()
