"""Storage that is locked, full, read-only, something else or half of what it should be: what is said, and that nothing is lost."""

import contextlib
import json
import sqlite3
import threading
import unittest

from waxseal_program import WITHOUT_POWERS, Server, SiteTest, wait_until

COMMANDS = (["check"], ["migrate"], ["serve"], ["user", "show", "1"])


@contextlib.contextmanager
def locked(database):
    """Another program in the middle of a long write."""
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        if other.in_transaction:
            other.execute("COMMIT")
        other.close()


class LockedTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.prepare()

    def test_a_lock_that_ends_is_waited_for(self):
        answers = []
        with Server(self.site) as server:
            with locked(self.site.database):
                asking = threading.Thread(target=lambda: answers.append(server.register_email("new@site.example")))
                asking.start()
                asking.join(0.5)
                self.assertEqual(answers, [])
            asking.join(20)
        self.assertEqual([status for status, _, _ in answers], [200])
        self.assertEqual(len(self.site.outbox()), 1)

    def test_a_lock_that_stays_is_503_with_a_time_to_try_again_and_all_works_once_it_is_gone(self):
        before = self.site.dump()
        with Server(self.site) as server:
            with locked(self.site.database):
                status, headers, body = server.register_email("new@site.example")
            self.assertEqual((status, body["code"]), (503, "unavailable"))
            self.assertGreater(int(headers["Retry-After"]), 0)
            self.assertNotIn("locked", body["detail"])
            wait_until(lambda: f"storage.url: {self.site.database}: database is locked" in server.log(), "the reason in the log")
            self.assertEqual(self.site.dump(), before)
            self.assertEqual(server.register_email("new@site.example")[0], 200)

    def test_a_lock_at_start_is_waited_for_and_then_named_with_its_key(self):
        with locked(self.site.database):
            self.assert_refused(self.site.run("serve"), "storage.url", str(self.site.database), "locked")
        with Server(self.site):
            pass


class FullTest(SiteTest):
    def test_a_disk_that_is_full_is_503_and_nothing_is_half_written_and_all_works_once_there_is_room(self):
        self.site.prepare()
        before = self.site.dump()
        with Server(self.site) as server:
            server.limit_file_size(4096)
            status, headers, body = server.register_email("new@site.example")
            self.assertEqual((status, body["code"]), (503, "unavailable"))
            self.assertGreater(int(headers["Retry-After"]), 0)
            self.assertEqual(self.site.dump(), before)
            server.limit_file_size(None)
            self.assertEqual(server.register_email("new@site.example")[0], 200)
        self.assertEqual(len(self.site.outbox()), 1)


class ReadOnlyTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.prepare()
        self.before = self.site.dump()

    def refused_by_all(self, *words):
        self.site.launcher = WITHOUT_POWERS
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assert_refused(self.site.run(*command), "storage.url", str(self.site.database), *words)

    def test_a_file_that_may_only_be_read_is_refused_at_start(self):
        self.site.database.chmod(0o444)
        self.refused_by_all("must be able to write the file and its folder")
        self.assertEqual(self.site.dump(), self.before)

    def test_a_file_that_may_not_be_read_is_refused_at_start(self):
        self.site.database.chmod(0)
        self.refused_by_all("unable to open")

    def test_a_folder_that_may_only_be_read_is_refused_at_start(self):
        self.site.folder.chmod(0o555)
        self.addCleanup(self.site.folder.chmod, 0o755)
        self.refused_by_all("must be able to write the file and its folder")


class SomethingElseTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.must("key", "new")

    def test_a_file_that_is_no_database_is_named_and_left_as_it_is(self):
        for content in (b"-- PostgreSQL database dump\n" * 100, b"not SQLite", bytes(8192)):
            with self.subTest(content=content[:10]):
                self.site.database.write_bytes(content)
                for command in COMMANDS:
                    self.assert_refused(self.site.run(*command), "storage.url", str(self.site.database), "not a database")
                self.assertEqual(self.site.database.read_bytes(), content)

    def test_a_folder_is_no_database(self):
        self.site.database.mkdir()
        for command in COMMANDS:
            self.assert_refused(self.site.run(*command), "storage.url", str(self.site.database))

    def test_a_url_of_something_else_is_refused_with_what_is_allowed(self):
        for url in ("mysql://host/db", "waxseal.db", "sqlite:", "SQLITE:waxseal.db", ""):
            with self.subTest(url=url):
                self.site.configure(storage={"url": url})
                self.assert_refused(self.site.run("check"), "storage.url", "sqlite:FILE")

    def test_a_database_that_has_lost_a_table_is_refused_by_all(self):
        self.site.must("migrate")
        self.site.query("DROP TABLE waxseal_change")
        before = self.site.dump()
        for command in COMMANDS:
            self.assert_refused(self.site.run(*command), "storage.url", "waxseal_change", "backup")
        self.assertEqual(self.site.dump(), before)

    def test_a_database_of_a_newer_program_is_refused_by_all(self):
        self.site.must("migrate")
        self.site.query("INSERT INTO waxseal_migration (name) VALUES ('links/9999_from_the_future')")
        before = self.site.dump()
        for command in COMMANDS:
            self.assert_refused(self.site.run(*command), "storage.url", "newer", "9999_from_the_future")
        self.assertEqual(self.site.dump(), before)

    def test_a_database_that_was_migrated_half_way_is_finished(self):
        self.site.must("migrate")
        self.site.query("DELETE FROM waxseal_migration WHERE name LIKE 'links/%'")
        for table, in self.site.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'waxseal!_%' ESCAPE '!'"):
            if table not in ("waxseal_account", "waxseal_token", "waxseal_migration"):
                self.site.query(f"DROP TABLE {table}")
        answer = self.site.must("check")
        self.assertIn("waxseal migrate", answer.err)
        self.assert_refused(self.site.run("serve"), "storage.url", "links/0001_initial", "waxseal migrate")
        self.site.must("migrate")
        with Server(self.site):
            pass


class AdoptedTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.must("key", "new")
        self.site.configure(users={"table": "auth_user", "credential_column": "password", "email_unique": False},
                            auth={"token_table": "authtoken_token"})

    def test_a_path_without_a_database_is_refused_and_no_file_is_made(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assert_refused(self.site.run(*command), "storage.url", str(self.site.database))
        self.assertFalse(self.site.database.exists())

    def test_everything_that_is_wrong_with_the_tables_is_said_by_all_with_its_key(self):
        self.site.query("CREATE TABLE auth_user (id integer, email integer, is_active varchar(5), password text)")
        self.site.query("CREATE VIEW authtoken_token AS SELECT 'k' AS key, id AS user_id FROM auth_user")
        before = self.site.database.read_bytes()
        answer = self.site.run("check", "--json")
        self.assertEqual(answer.code, 1)
        wrong = [problem["key"] for problem in answer.json()["problems"] if problem["severity"] == "error"]
        self.assertEqual(wrong, ["users.id_column", "users.email_column", "users.active_column", "auth.token_table"])
        self.assertEqual(self.site.database.read_bytes(), before)
        for command in (["migrate"], ["serve"]):
            self.assert_refused(self.site.run(*command), "users.id_column: ", "users.email_column: ", "users.active_column: ",
                                "auth.token_table: ")
        self.assertEqual(self.site.query("SELECT count(*) FROM sqlite_schema"), [(2,)])

    def test_a_good_table_is_fine_before_and_after_the_migration_and_check_changes_nothing(self):
        self.site.query("CREATE TABLE auth_user (id integer PRIMARY KEY, email text, is_active bool, password text)")
        self.site.query("CREATE TABLE authtoken_token (key text PRIMARY KEY, user_id integer REFERENCES auth_user)")
        before = self.site.database.read_bytes()
        problem, = self.site.must("check", "--json").json()["problems"]
        self.assertEqual((problem["severity"], problem["key"]), ("warning", "storage.url"))
        self.assertIn("waxseal migrate", problem["message"])
        self.assertEqual(self.site.database.read_bytes(), before)
        self.site.must("migrate")
        self.assertEqual(self.site.must("check", "--json").json(), {"ok": True, "problems": []})


class KeyTest(SiteTest):
    def test_a_key_that_cannot_be_read_is_an_error_of_check(self):
        self.site.prepare()
        key, = (self.site.folder / "keys").glob("*.jwk")
        key.chmod(0o644)
        answer = self.site.run("check", "--json")
        self.assertEqual(answer.code, 1)
        self.assertEqual([(problem["severity"], problem["key"]) for problem in answer.json()["problems"]],
                         [("error", "signing.keys_dir")])
        self.assertIn("chmod 600", json.dumps(answer.json()))


if __name__ == "__main__":
    unittest.main()
