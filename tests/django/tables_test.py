"""Our tables beside Django's: each side's own commands work, and change nothing of the other's."""

import contextlib
import json
import sqlite3
import subprocess
import sys
import unittest

from beside_django import MIGRATED, SITE, BesideDjangoTest, User


class TablesTest(BesideDjangoTest):
    def schema(self, database=None):
        """The definitions of all tables and indexes, by whose they are."""
        with contextlib.closing(sqlite3.connect(database or self.site.database)) as connection:
            rows = connection.execute("SELECT tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").fetchall()
        return {whose: [row for row in rows if row[0].startswith("waxseal_") == (whose == "ours")] for whose in ("ours", "theirs")}

    def manage(self, *arguments):
        environment = self.site.environment(SITE_DATABASE=str(self.site.database), SITE_MAIL=str(self.site.folder / "mails"),
                                            SITE_SECRET_FILE=str(self.site.folder / "secret"))
        return subprocess.run([sys.executable, "-B", SITE / "manage.py", *arguments], env=environment, capture_output=True,
                              text=True, timeout=120, check=True).stdout

    def test_migrate_a_second_time_changes_nothing(self):
        before = self.site.query("SELECT * FROM sqlite_schema")
        applied = self.site.query("SELECT * FROM waxseal_migration")
        self.site.must("migrate")
        self.assertEqual(self.site.query("SELECT * FROM sqlite_schema"), before)
        self.assertEqual(self.site.query("SELECT * FROM waxseal_migration"), applied)
        self.assertEqual(self.register(self.waxseal, "again@site.example")[0], 200)

    def test_our_tables_are_beside_and_no_table_of_accounts_of_our_own_is(self):
        ours = {name for name, _ in self.schema()["ours"]}
        self.assertIn("waxseal_link_state", ours)
        self.assertFalse(ours & {"waxseal_account", "waxseal_token"}, ours)

    def test_djangos_tables_are_as_django_made_them(self):
        self.assertEqual(self.schema()["theirs"], self.schema(MIGRATED)["theirs"])

    def test_djangos_commands_work_beside_our_tables(self):
        ours = self.schema()["ours"]
        self.assertIn("no issues", self.manage("check"))
        self.assertIn("No migrations to apply", self.manage("migrate"))
        self.assertIn("No changes detected", self.manage("makemigrations", "--check"))
        self.manage("migrate", "authtoken", "zero")
        self.manage("migrate")
        self.assertEqual(self.schema()["ours"], ours)
        self.account.token = self.new_account().token
        self.assertEqual(self.register(self.waxseal, "after@site.example")[0], 200)

    def test_djangos_dump_has_no_row_of_ours(self):
        models = {row["model"] for row in json.loads(self.manage("dumpdata"))}
        self.assertIn("auth.user", models)
        self.assertFalse([model for model in models if "waxseal" in model])

    def test_accounts_and_tokens_are_djangos_to_add(self):
        for command in (["user", "add", "--id", "900", "--email", "x@site.example"], ["user", "token", self.account.pk]):
            answer = self.site.run(*command)
            self.assertEqual(answer.code, 1, answer)
            self.assertIn("users.table", answer.err)
        self.assertFalse(User.objects.filter(pk=900).exists())

    def test_the_command_shows_djangos_accounts(self):
        shown = self.site.must("user", "show", self.account.pk, "--json").json()
        self.assertEqual((shown["id"], shown["email"], shown["active"]), (str(self.account.pk), self.account.email, True))


if __name__ == "__main__":
    unittest.main()
