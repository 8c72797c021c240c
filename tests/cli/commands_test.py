"""The commands that answer and end: check, migrate, key, user, version; how they are called and what they exit with."""

import json
import re
import stat
import unittest

from waxseal_program import DJANGO_SECRET, Site, SiteTest


class CallingTest(SiteTest):
    def test_version(self):
        self.assertRegex(self.site.must("version").out, r"^waxseal \d+\.\d+\.\d+\n$")
        self.assertRegex(self.site.must("version", "--json").json()["version"], r"^\d+\.\d+\.\d+$")

    def test_help_is_no_failure(self):
        answer = self.site.run("--help", config=False)
        self.assertEqual(answer.code, 0)
        for command in ("serve", "check", "migrate", "key", "user", "link", "version"):
            self.assertIn(command, answer.out)

    def test_help_names_values_and_defaults_as_people_do(self):
        listed = self.site.run("outbox", "list", "--help", config=False).out
        self.assertRegex(listed, r"--limit N \(default: 1000\)")
        self.assertRegex(self.site.run("audit", "--help", config=False).out, r"--since TIME +Only from")
        self.assertRegex(self.site.run("user", "add", "--help", config=False).out, r"--id TEXT \(required\)")
        self.assertIn("Exit: 0 done, 1 refused or failed, 2 misuse", self.site.run("--help", config=False).out)

    def test_misuse_exits_with_2(self):
        calls = [[], ["nonsense"], ["key"], ["key", "nonsense"], ["user", "add"], ["user", "add", "--id", "1"], ["user", "show"],
                 ["key", "retire"], ["link", "inspect"], ["check", "--nonsense"], ["link", "new", "--scheme", "hmac", "--user", "1"],
                 ["link", "new", "--user", "1"], ["link", "new", "--email", "a@b.example"], ["version", "extra"]]
        for call in calls:
            with self.subTest(call=call):
                answer = self.site.run(*call)
                self.assertEqual(answer.code, 2, answer)
                self.assertTrue(answer.err)
                self.assertFalse(answer.out)

    def test_config_and_json_stand_before_or_after(self):
        self.site.must("migrate")
        self.site.must("user", "add", "--id", "1", "--email", "ada@site.example")
        config = ["--config", str(self.site.config)]
        calls = [[*config, "--json", "user", "show", "1"], ["user", *config, "--json", "show", "1"],
                 ["user", "show", "1", *config, "--json"], ["--json", "user", "show", *config, "1"]]
        for call in calls:
            with self.subTest(call=call):
                answer = self.site.run(*call, config=False)
                self.assertEqual(answer.code, 0, answer)
                self.assertEqual(answer.json()["email"], "ada@site.example")

    def test_the_configuration_of_the_working_folder_is_the_default(self):
        self.assertEqual(self.site.run("check", config=False).code, 0)
        elsewhere = self.site.folder / "elsewhere"
        elsewhere.mkdir()
        self.assert_refused(self.site.run("check", config=False, cwd=elsewhere), "waxseal.toml", "--config")


class CheckTest(SiteTest):
    def test_a_good_configuration(self):
        self.site.prepare()
        answer = self.site.must("check")
        self.assertIn("is fine", answer.out)
        self.assertEqual(self.site.must("check", "--json").json(), {"ok": True, "problems": []})

    def test_what_serve_still_lacks_is_a_warning_and_nothing_is_made(self):
        problems = self.site.must("check", "--json").json()["problems"]
        self.assertEqual([problem["severity"] for problem in problems], ["warning", "warning"])
        self.assertIn("waxseal key new", problems[0]["message"])
        self.assertIn("waxseal migrate", problems[1]["message"])
        self.assertFalse(self.site.database.exists())

    def test_a_typo_is_named_with_line_and_column(self):
        self.site.config.write_text("[server]\nlissten = \"127.0.0.1:80\"\n" + self.site.config.read_text().replace("[server]\n", "", 1))
        self.assert_refused(self.site.run("check"), f"{self.site.config}:2:1: server.lissten", "listen")
        answer = self.site.run("check", "--json")
        self.assertEqual(answer.code, 1)
        self.assertFalse(answer.json()["ok"])
        problem, = answer.json()["problems"]
        self.assertEqual((problem["severity"], problem["key"], problem["where"]), ("error", "server.lissten", f"{self.site.config}:2:1"))

    def test_all_problems_are_said_at_once(self):
        self.site.configure(server={"threads": 0, "base_path": "x"}, mail={"tls": "maybe"}, log={"level": "loud"})
        self.assert_refused(self.site.run("check"), "server.threads", "server.base_path", "mail.tls", "log.level")

    def test_warnings_are_said_and_do_not_fail(self):
        self.site.configure(register_email={"one_time_use": False})
        answer = self.site.must("check")
        self.assertIn("warning: ", answer.err)
        self.assertIn("register_email.one_time_use", answer.err)
        self.assertEqual(self.site.must("check", "--json").json()["problems"][0]["severity"], "warning")

    def test_the_environment_overrides_and_is_checked(self):
        self.assertEqual(self.site.run("check", WAXSEAL_SERVER_THREADS="7").code, 0)
        self.assert_refused(self.site.run("check", WAXSEAL_SERVER_THREADS="many"), "WAXSEAL_SERVER_THREADS")
        self.assert_refused(self.site.run("check", WAXSEAL_SERVER_THREDS="7"), "WAXSEAL_SERVER_THREDS")

    def test_check_opens_nothing(self):
        self.site.must("check")
        self.assertFalse(self.site.database.exists())
        self.assertFalse((self.site.folder / "keys").exists())

    def test_every_command_refuses_a_bad_configuration(self):
        self.site.configure(mail={"tls": "maybe"})
        for call in (["migrate"], ["key", "new"], ["key", "list"], ["key", "retire", "01234567"], ["user", "show", "1"],
                     ["user", "add", "--id", "1", "--email", "a@b.example"], ["user", "token", "1"], ["serve"],
                     ["link", "new", "--user", "1", "--email", "a@b.example"], ["link", "inspect", "https://a.example/"]):
            with self.subTest(call=call):
                self.assert_refused(self.site.run(*call), "mail.tls")
        self.assertFalse(self.site.database.exists())
        self.assertFalse((self.site.folder / "keys").exists())


class MigrateTest(SiteTest):
    def test_twice_is_once(self):
        first = self.site.must("migrate", "--json").json()["applied"]
        self.assertTrue(first)
        tables = self.site.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        self.assertIn(("waxseal_outbox",), tables)
        second = self.site.must("migrate")
        self.assertIn("nothing to do", second.out)
        self.assertEqual(self.site.must("migrate", "--json").json(), {"applied": []})
        self.assertEqual(self.site.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"), tables)

    def test_a_second_migrate_keeps_the_accounts(self):
        self.site.prepare()
        self.site.must("migrate")
        self.assertEqual(self.site.must("user", "show", "1", "--json").json()["email"], "ada@site.example")

    def test_a_newer_database_is_refused(self):
        self.site.must("migrate")
        self.site.query("INSERT INTO waxseal_migration (name) VALUES ('links/9999_from_the_future')")
        self.assert_refused(self.site.run("migrate"), "newer", "9999_from_the_future")

    def test_a_file_that_cannot_be_made_is_refused(self):
        self.site.configure(storage={"url": f"sqlite:{self.site.folder}/none/waxseal.db"})
        answer = self.site.run("migrate", "--json")
        self.assertEqual(answer.code, 1)
        self.assertIn("code", json.loads(answer.err)["error"])


class KeyTest(SiteTest):
    def key_file(self, kid):
        return self.site.folder / "keys" / f"{kid}.jwk"

    def test_new_makes_the_folder_and_a_private_file(self):
        key = self.site.must("key", "new", "--json").json()
        self.assertRegex(key["kid"], r"^[0-9a-f]{8}$")
        self.assertEqual(stat.S_IMODE(self.key_file(key["kid"]).parent.stat().st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(self.key_file(key["kid"]).stat().st_mode), 0o600)
        self.assertNotIn("d", key)
        self.assertEqual(len(key["x"]), 43)

    def test_new_in_words(self):
        kid = re.fullmatch(r"made key ([0-9a-f]{8})\n", self.site.must("key", "new").out).group(1)
        self.assertTrue(self.key_file(kid).exists())

    def test_list_is_oldest_first_and_says_which_signs(self):
        first, second = (self.site.must("key", "new", "--json").json()["kid"] for _ in range(2))
        self.assertEqual([key["kid"] for key in self.site.must("key", "list", "--json").json()["keys"]], [first, second])
        lines = self.site.must("key", "list").out.splitlines()
        self.assertRegex(lines[0], f"^{first} .* verifies; its links hold until ")
        self.assertRegex(lines[1], f"^{second} .* signs$")

    def test_retire_forgets_the_secret_half(self):
        first, second = (self.site.must("key", "new", "--json").json()["kid"] for _ in range(2))
        self.assertIn("d", json.loads(self.key_file(second).read_text()))
        self.site.must("key", "retire", second)
        self.assertNotIn("d", json.loads(self.key_file(second).read_text()))
        lines = self.site.must("key", "list").out.splitlines()
        self.assertRegex(lines[0], f"^{first} .* signs$")
        self.assertRegex(lines[1], f"^{second} .* retired ")
        self.assertIsNotNone(self.site.must("key", "list", "--json").json()["keys"][1]["retired_unix_s"])

    def test_retire_refuses_what_is_not_there(self):
        kid = self.site.must("key", "new", "--json").json()["kid"]
        self.assert_refused(self.site.run("key", "retire", "00000000"), "00000000")
        self.assert_refused(self.site.run("key", "retire", "../../etc/passwd"))
        self.site.must("key", "retire", kid)
        self.assert_refused(self.site.run("key", "retire", kid), "retired already")

    def test_list_without_a_folder_fails(self):
        self.assert_refused(self.site.run("key", "list"), "keys")

    def test_without_keys_dir_there_are_no_keys(self):
        self.site.configure(signing={"issue": "django", "accept": ["django"], "keys_dir": None})
        self.assert_refused(self.site.run("key", "new"), "signing.keys_dir")
        self.assert_refused(self.site.run("key", "list"), "signing.keys_dir")

    def test_a_retired_key_whose_links_may_be_in_use_says_so(self):
        first, second = (self.site.must("key", "new", "--json").json()["kid"] for _ in range(2))
        answer = self.site.must("key", "retire", first)
        self.assertRegex(answer.err, f"warning: links that {first} signed would have held until .*; they do not work any more")
        self.assertNotIn("no key is left", answer.err)
        self.assertIn("no key is left to sign with", self.site.must("key", "retire", second).err)

    def test_a_key_that_was_replaced_longer_ago_than_links_hold_is_retired_without_a_warning(self):
        self.site.configure(register_email={"verification_period": "1m", "undo_period": "2m"})
        first, second = (self.site.must("key", "new", "--json").json()["kid"] for _ in range(2))
        keys = self.site.must("key", "list", "--json").json()["keys"]
        self.assertAlmostEqual(keys[0]["links_hold_until_unix_s"], keys[1]["created_unix_s"] + 120, delta=1)
        for kid in (first, second):
            jwk = json.loads(self.key_file(kid).read_text())
            jwk["created_unix_s"] -= 1000
            self.key_file(kid).write_text(json.dumps(jwk))
        self.assertEqual(self.site.must("key", "retire", first).err, "")

    def test_a_folder_that_others_may_write_is_refused(self):
        self.site.must("key", "new")
        (self.site.folder / "keys").chmod(0o777)
        for call in (["key", "new"], ["key", "list"], ["key", "retire", "00000000"]):
            self.assert_refused(self.site.run(*call), "chmod 700")

    def test_a_key_that_others_may_read_is_refused(self):
        kid = self.site.must("key", "new", "--json").json()["kid"]
        self.key_file(kid).chmod(0o644)
        self.assert_refused(self.site.run("key", "list"), "chmod 600")


class UserTest(SiteTest):
    secrets = (DJANGO_SECRET, "a-token-that-is-long-enough")

    def setUp(self):
        super().setUp()
        self.site.must("migrate")

    def add(self, *arguments, **options):
        return self.site.run("user", "add", *arguments, **options)

    def test_add_and_show(self):
        self.assertEqual(self.add("--id", "1", "--email", "ada@site.example").code, 0)
        self.assertEqual(self.site.must("user", "show", "1", "--json").json(),
                         {"id": "1", "email": "ada@site.example", "active": True})
        self.assertIn("ada@site.example", self.site.must("user", "show", "1").out)

    def test_add_prints_json(self):
        answer = self.add("--id", "1", "--email", "ada@site.example", "--inactive", "--json")
        self.assertEqual(answer.json(), {"id": "1", "email": "ada@site.example", "active": False})
        self.assertIn("inactive", self.site.must("user", "show", "1").out)

    def test_ids_and_addresses_are_unique(self):
        self.add("--id", "1", "--email", "ada@site.example")
        self.assert_refused(self.add("--id", "1", "--email", "other@site.example"), "id 1")
        self.assert_refused(self.add("--id", "2", "--email", "ada@site.example"), "ada@site.example")
        self.assert_refused(self.add("--id", "2", "--email", "ADA@Site.Example"))
        self.assert_refused(self.site.run("user", "show", "2"), "2")

    def test_bad_ids_and_addresses_are_refused(self):
        for id, email in (("", "a@b.example"), ("x" * 256, "a@b.example"), ("a b", "a@b.example"), ("a\nb", "a@b.example"),
                          ("1", ""), ("1", "nobody"), ("1", "a@b@c.example"), ("1", "a@[127.0.0.1]"), ("1", "a b@c.example")):
            with self.subTest(id=id, email=email):
                self.assert_refused(self.add("--id", id, "--email", email))
        self.assertEqual(self.site.query("SELECT count(*) FROM waxseal_account"), [(0,)])

    def test_a_failure_prints_json_too(self):
        answer = self.site.run("user", "show", "1", "--json")
        self.assertEqual(answer.code, 1)
        self.assertEqual(json.loads(answer.err)["error"]["code"], "user-not-found")
        self.assertEqual(answer.out, "")

    def test_a_token_comes_from_standard_input_and_is_kept_hashed(self):
        token = "a-token-that-is-long-enough"
        answer = self.add("--id", "1", "--email", "ada@site.example", "--token", "-", stdin=token + "\n")
        self.assertEqual(answer.code, 0)
        self.assertEqual(answer.err, "")
        (stored,), = self.site.query("SELECT token_hash FROM waxseal_token")
        self.assertEqual(len(stored), 32)
        self.assertNotIn(token.encode(), self.site.database.read_bytes())

    def test_a_token_on_the_command_line_warns(self):
        answer = self.add("--id", "1", "--email", "ada@site.example", "--token", "a-token-that-is-long-enough")
        self.assertEqual(answer.code, 0)
        self.assertIn("warning: --token", answer.err)
        self.assertEqual(len(self.site.query("SELECT * FROM waxseal_token")), 1)

    def test_a_short_token_is_taken_with_a_warning(self):
        answer = self.add("--id", "1", "--email", "ada@site.example", "--token", "-", stdin="x" * 19 + "\n")
        self.assertEqual(answer.code, 0)
        self.assertIn("warning: ", answer.err)

    def test_a_bad_token_is_refused_and_adds_no_account(self):
        for token in ("", "has spaces in it and is long", "line\ttab-and-long-enough"):
            with self.subTest(token=token):
                self.assert_refused(self.add("--id", "1", "--email", "ada@site.example", "--token", "-", stdin=token + "\n"))
        self.assertEqual(self.site.query("SELECT count(*) FROM waxseal_account"), [(0,)])

    def test_a_token_of_another_account_is_refused_and_adds_no_account(self):
        token = "a-token-that-is-long-enough\n"
        self.add("--id", "1", "--email", "ada@site.example", "--token", "-", stdin=token)
        self.assert_refused(self.add("--id", "2", "--email", "bob@site.example", "--token", "-", stdin=token))
        self.assert_refused(self.site.run("user", "show", "2"))

    def test_token_makes_a_new_one_each_time_and_prints_it_once(self):
        self.add("--id", "1", "--email", "ada@site.example")
        first = self.site.must("user", "token", "1").out.strip()
        second = self.site.must("user", "token", "1", "--json").json()["token"]
        self.assertRegex(first, r"^[0-9a-f]{40}$")
        self.assertNotEqual(first, second)
        self.assertEqual(len(self.site.query("SELECT * FROM waxseal_token")), 2)
        self.assertNotIn(first.encode(), self.site.database.read_bytes())
        self.assert_refused(self.site.run("user", "token", "2"), "2")

    def test_without_tables_every_user_command_says_so(self):
        fresh = Site()
        self.addCleanup(fresh.remove)
        for call in (["add", "--id", "1", "--email", "a@b.example"], ["show", "1"], ["token", "1"]):
            with self.subTest(call=call):
                self.assert_refused(fresh.run("user", *call), "waxseal migrate")


class AdoptedTablesTest(SiteTest):
    def setUp(self):
        super().setUp()
        self.site.configure(users={"table": "auth_user"}, auth={"token_table": "authtoken_token"})

    def make_tables(self):
        self.site.query("CREATE TABLE auth_user (id integer PRIMARY KEY, email varchar(254) NOT NULL, is_active bool NOT NULL)")
        self.site.query("CREATE TABLE authtoken_token (key varchar(40) PRIMARY KEY, user_id integer NOT NULL)")
        self.site.query("INSERT INTO auth_user VALUES (7, 'ada@site.example', 1)")

    def test_accounts_are_shown_and_none_is_added(self):
        self.make_tables()
        self.assertIn("links/0001_initial", self.site.must("migrate").out)
        self.assertEqual(self.site.must("user", "show", "7", "--json").json(),
                         {"id": "7", "email": "ada@site.example", "active": True})
        for call in (["add", "--id", "8", "--email", "bob@site.example"], ["token", "7"]):
            with self.subTest(call=call):
                self.assert_refused(self.site.run("user", *call), "auth_user", "users.table")
        self.assertEqual(self.site.query("SELECT id FROM auth_user"), [(7,)])
        self.assertEqual(self.site.query("SELECT name FROM sqlite_schema WHERE name = 'waxseal_account'"), [])

    def test_a_missing_table_is_named_with_its_key(self):
        self.site.query("CREATE TABLE auth_group (id integer PRIMARY KEY)")
        for call in (["migrate"], ["user", "show", "7"], ["serve"]):
            with self.subTest(call=call):
                self.assert_refused(self.site.run(*call), "users.table", "auth_user")

    def test_the_demo_does_not_run_on_them(self):
        self.make_tables()
        self.assert_refused(self.site.run("serve", "--demo"), "users.table")


if __name__ == "__main__":
    unittest.main()
