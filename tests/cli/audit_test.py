"""`waxseal audit` and `waxseal prune`: who changed what, and how long it is kept."""

import time
import unittest

from waxseal_program import Server, SiteTest, link_in, wait_until

DAY_S = 86400


class AuditTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.prepare()

    def entries(self, *options):
        return self.site.must("audit", "--json", *options).json()["entries"]

    def round_trip(self):
        """Ada asks, presses, and takes it back. Returns the kid of the key."""
        self.site.configure(register_email={"notify_old_address": True, "undo_url": "https://site.example/undo/"},
                            server={"trusted_proxies": ["127.0.0.1"]})
        with Server(self.site) as server:
            forwarded = {"X-Forwarded-For": "192.0.2.77"}
            server.post("/api/v1/accounts/register-email/", {"email": "new@site.example"}, Authorization=f"Token {self.site.token}", **forwarded)
            wait_until(lambda: len(self.site.mails()) == 2, "both mails are there")
            notice, mail = sorted(self.site.mails(), key=lambda path: b"new@site.example" in path.read_bytes().split(b"\n\n")[0])
            links = {link_in(path)["email"]: link_in(path) for path in (notice, mail)}
            self.assertEqual(server.verify_email(links["new@site.example"])[0], 200)
            self.assertEqual(server.undo_email(links["ada@site.example"])[0], 200)
        return self.site.must("key", "list", "--json").json()["keys"][0]["kid"]

    def test_every_step_of_a_change_with_its_key_and_its_client(self):
        kid = self.round_trip()
        entries = self.entries()
        self.assertEqual([(entry["event"], entry["old_email"], entry["new_email"], entry["key"], entry["client"]) for entry in entries], [
            ("requested", "ada@site.example", "new@site.example", None, "192.0.2.77"),
            ("applied", "ada@site.example", "new@site.example", kid, "127.0.0.1"),
            ("undone", "new@site.example", "ada@site.example", kid, "127.0.0.1")])
        self.assertEqual({entry["account"] for entry in entries}, {"1"})
        self.assertAlmostEqual(entries[0]["at_unix_s"], time.time(), delta=60)
        lines = self.site.must("audit").out.splitlines()
        self.assertRegex(lines[1], f"^.* UTC  applied  account 1  ada@site.example -> new@site.example  key {kid}  from 127.0.0.1$")

    def test_a_command_is_told_from_a_request(self):
        self.site.must("link", "new", "--user", "1", "--email", "new@site.example")
        entry, = self.entries()
        self.assertIsNone(entry["client"])
        self.assertIn("from a command", self.site.must("audit").out)

    def test_entries_are_chosen_by_account_address_and_time(self):
        for user, address in (("1", "one@site.example"), ("2", "two@site.example"), ("1", "three@site.example")):
            self.site.must("link", "new", "--user", user, "--email", address)
        self.site.query("UPDATE waxseal_audit SET at = 1700000000 WHERE new_email = 'one@site.example'")
        chosen = {
            ("--account", "1"): ["one", "three"], ("--account", "9"): [], ("--address", "TWO@site.example"): ["two"],
            ("--address", "ada@site.example"): ["one", "three"], ("--since", "7d"): ["two", "three"], ("--before", "7d"): ["one"],
            ("--since", "2023-11-14", "--before", "2023-11-15"): ["one"], ("--since", "2023-11-14T22:13:21Z"): ["two", "three"],
            ("--since", "2023-11-14T22:13:20Z", "--account", "1"): ["one", "three"], ("--limit", "1"): ["three"]}
        for options, names in chosen.items():
            with self.subTest(options=options):
                self.assertEqual([entry["new_email"].split("@")[0] for entry in self.entries(*options)], names)
        self.assertIn("--limit", self.site.must("audit", "--limit", "2").err)

    def test_misuse_names_what_is_allowed(self):
        for options in (["--since", "yesterday"], ["--before", "2023-13-01"], ["--since", "2023-11-14 22:13"], ["--limit", "0"], ["extra"]):
            with self.subTest(options=options):
                self.assertEqual(self.site.run("audit", *options).code, 2)
        self.assert_refused(self.site.run("audit", "--since", "yesterday"), "2026-11-25", "7d", code=2)

    def test_without_tables(self):
        self.site.database.unlink()
        for command in (["audit"], ["prune"]):
            self.assert_refused(self.site.run(*command), "waxseal migrate")


class PruneTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.configure(storage={"retention": "30d"})
        self.site.prepare()
        for address in ("old@site.example", "new@site.example"):
            self.site.must("link", "new", "--user", "1", "--email", address)
        # Both the record, superseded by the newer request, and its audit are forty days old.
        long_ago = int(time.time()) - 40 * DAY_S
        self.site.query("UPDATE waxseal_audit SET at = ? WHERE new_email = 'old@site.example'", long_ago)
        self.site.query("UPDATE waxseal_change SET requested_at = ?, settled_at = ? WHERE new_email = 'old@site.example'", long_ago, long_ago)

    def test_what_is_older_than_the_retention_goes(self):
        expected = {"audit": 1, "outbox": 0, "changes": 1, "remembered_links": 0, "limits": 0}
        before = self.site.dump()
        self.assertEqual(self.site.must("prune", "--dry-run", "--json").json(), {"would_delete": expected})
        self.assertEqual(self.site.dump(), before)
        self.assertIn("would delete 1 changes", self.site.must("prune", "--dry-run").out)
        self.assertEqual(self.site.must("prune", "--json").json(), {"deleted": expected})
        self.assertNotIn("old@site.example", "\n".join(self.site.dump()))
        self.assertIn("new@site.example", "\n".join(self.site.dump()))
        self.assertIn("deleted 0 audit", self.site.must("prune").out)

    def test_a_server_goes_on_while_much_is_pruned(self):
        self.site.query("""INSERT INTO waxseal_audit (at, event, account_id, link_version, old_email, new_email)
                           WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
                           SELECT 1, 'applied', i, 1, 'gone@site.example', 'b' FROM n""")
        with Server(self.site) as server:
            left = self.site.query("SELECT count(*) FROM waxseal_audit WHERE at = 1")[0][0]
            pruning = self.site.start("prune", "--json")
            seen = 0
            while pruning.poll() is None:
                started = time.monotonic()
                self.assertEqual(server.register_email(f"a{seen}@site.example")[0], 200)
                self.assertLess(time.monotonic() - started, 5)
                seen += 1
            out, err = pruning.communicate()
            self.assertEqual(pruning.returncode, 0, err)
            self.assertGreater(seen, 0)
        self.assertIn(f'"audit":{left + 1}', out)
        self.assertEqual(self.site.query("SELECT count(*) FROM waxseal_audit WHERE old_email = 'gone@site.example'"), [(0,)])

    def test_a_retention_shorter_than_a_link_holds_is_refused_with_its_key(self):
        self.site.configure(storage={"retention": "30d"}, register_email={"undo_period": "31d"})
        for command in (["prune"], ["serve"], ["check"]):
            answer = self.site.run(*command)
            self.assert_refused(answer, f"{self.site.config}:", "storage.retention", "register_email.undo_period (31d)")
        self.assertEqual(len(self.site.query("SELECT * FROM waxseal_audit")), 2)


if __name__ == "__main__":
    unittest.main()
