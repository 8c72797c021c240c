"""docs/migrating-from-django.md: what it shows works as it stands there, and every test that it names exists."""

import re
import sqlite3
import unittest
from pathlib import Path

from waxseal_program import Server, SiteTest, link_in, wait_until

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "migrating-from-django.md").read_text()

SETTINGS = """REGISTER_EMAIL_VERIFICATION_ENABLED REGISTER_EMAIL_VERIFICATION_PERIOD REGISTER_EMAIL_VERIFICATION_URL
    REGISTER_EMAIL_VERIFICATION_EMAIL_TEMPLATES REGISTER_EMAIL_VERIFICATION_EMAIL_SENDER REGISTER_EMAIL_SERIALIZER_CLASS
    VERIFICATION_URL_BUILDER VERIFICATION_FROM_EMAIL VERIFICATION_REPLY_TO_EMAIL VERIFICATION_EMAIL_HTML_TO_TEXT_CONVERTER
    VERIFICATION_TEMPLATE_CONTEXT_BUILDER VERIFICATION_TEMPLATE_RENDERER VERIFICATION_TEMPLATES_SELECTOR USER_EMAIL_FIELD
    USER_VERIFICATION_ID_FIELD USER_VERIFICATION_FLAG_FIELD SUCCESS_RESPONSE_BUILDER
    USE_NON_FIELD_ERRORS_KEY_FROM_DRF_SETTINGS user_changed_email""".split()

TOKEN = "0123456789abcdef0123456789abcdef01234567"
SECRET_KEY = "django-insecure-of-a-site-that-moves-two-of-its-routes"


def fenced(language):
    """The blocks of that language, but for those under "Session cookies", which have a test of their own."""
    page = re.sub(r"^## Session cookies\n.*?^(?=## )", "", PAGE, flags=re.DOTALL | re.MULTILINE)
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def defined_tests(path):
    """The names of the tests in a file, as its test program or runner finds them."""
    text = path.read_text()
    if path.suffix == ".py":
        return set(re.findall(r"^    def (test_\w+)\(", text, re.MULTILINE))
    return set(re.findall(r'TEST_CASE(?:_METHOD)?\((?:\w+,\s*)?"((?:[^"\\]|\\.)*)"', text))


class SettingsTableTest(unittest.TestCase):
    def rows(self):
        lines = PAGE.split("\n## Settings\n")[1].splitlines()
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")][1:]

    def test_every_setting_has_its_row(self):
        named = [re.fullmatch(r"(?:signal )?`(\w+)`", row[0]).group(1) for row in self.rows()]
        self.assertEqual(named, SETTINGS)

    def test_every_row_names_a_test_that_exists(self):
        for setting, _, _, tests in self.rows():
            for test in tests.split("<br>"):
                with self.subTest(setting=setting, test=test):
                    file, name = re.fullmatch(r"`([\w/]+\.(?:cpp|py))`: (.+)", test).groups()
                    self.assertIn(name, defined_tests(ROOT / "tests" / file))

    def test_every_key_exists_and_every_interface_is_in_a_public_header(self):
        keys = (ROOT / "docs" / "configuration.md").read_text()
        headers = "".join(path.read_text() for path in (ROOT / "server/include/waxseal/server").glob("*.hpp"))
        for setting, in_file, in_cpp, _ in self.rows():
            with self.subTest(setting=setting):
                self.assertTrue(in_file or in_cpp)
                for section, key in re.findall(r"`(\w+)\.(\w+)`", in_file):
                    row, = re.findall(rf"(?m)^\| `{key}` .*", keys.split(f"## [{section}]\n")[1].split("\n## ")[0])
                    self.assertNotIn("No effect yet", row)
                for interface in re.findall(r"`(\w+)`", in_cpp):
                    self.assertIn(f"class {interface} {{", headers)


class ExampleTest(unittest.TestCase):
    def test_the_nginx_lines_are_those_of_the_example(self):
        self.assertEqual(fenced("nginx"), [(ROOT / "examples/behind-nginx" / name).read_text() for name in ("site.conf", "further_routes.conf")])


class StepsTest(SiteTest):
    """The site of the page: its configuration, with only the port and the mail's way changed from outside."""

    secrets = (SECRET_KEY,)

    def setUp(self):
        super().setUp()
        self.site.database = self.site.folder / "db.sqlite3"
        self.site.token = TOKEN
        (self.site.folder / "django_secret").write_text(SECRET_KEY + "\n")
        (self.site.folder / "django_secret").chmod(0o600)
        self.elsewhere = {"WAXSEAL_SERVER_LISTEN": "127.0.0.1:0", "WAXSEAL_MAIL_TRANSPORT": "file",
                          "WAXSEAL_MAIL_DIRECTORY": str(self.site.mail)}
        self.config, self.both, self.stronger = fenced("toml")
        self.site.config.write_text(self.config)
        self.site.query("""CREATE TABLE auth_user (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, password varchar(128) NOT NULL,
                           username varchar(150) NOT NULL UNIQUE, email varchar(254) NOT NULL, is_active bool NOT NULL)""")
        self.site.query("""CREATE TABLE authtoken_token (key varchar(40) NOT NULL PRIMARY KEY, created datetime NOT NULL,
                           user_id integer NOT NULL UNIQUE REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED)""")
        self.site.query("INSERT INTO auth_user VALUES (1, 'pbkdf2', 'ada', 'ada@site.example', 1)")
        self.site.query("INSERT INTO authtoken_token VALUES (?, '2026-01-01', 1)", TOKEN)

    def run_steps(self):
        commands = re.findall(r"^waxseal (\w+)", fenced("sh")[1], re.MULTILINE)
        self.assertEqual(commands, ["check", "migrate", "serve"])
        for command in commands[:-1]:
            self.site.must(command, **self.elsewhere)

    def sign_in_stage(self, signing):
        """The page's configuration with another [signing] section."""
        return re.sub(r"\[signing\]\n.*?(?=\n\[)", lambda _: signing.rstrip(), self.config, flags=re.DOTALL)

    def mailed_link(self, server, email):
        self.assertEqual(server.register_email(email)[0], 200)
        to_it = f"To: {email}\r\n".encode()
        return link_in(wait_until(lambda: [mail for mail in self.site.mails() if to_it in mail.read_bytes()], "the mail")[0])

    def serve(self):
        return Server(self.site, **self.elsewhere)

    def test_the_steps_work_in_their_order(self):
        self.run_steps()
        with self.serve() as server:
            link = self.mailed_link(server, "new@site.example")
            self.assertEqual(len(link["signature"]), 43)  # an HMAC, as Django makes it
            self.assertEqual(server.verify_email(link)[2]["code"], "verified")
        self.assertEqual(self.site.query("SELECT * FROM auth_user"), [(1, "pbkdf2", "ada", "new@site.example", 1)])

    def test_links_in_flight_live_through_the_change_over(self):
        self.run_steps()
        with self.serve() as server:
            in_flight, late = (self.mailed_link(server, f"{name}@site.example") for name in ("first", "second"))
        self.site.config.write_text(self.sign_in_stage(self.both))
        self.site.must("key", "new", **self.elsewhere)
        with self.serve() as server:
            self.assertEqual(server.verify_email(in_flight)[2]["code"], "verified")
            fresh = self.mailed_link(server, "third@site.example")
            self.assertGreater(len(fresh["signature"]), 43)
            self.assertEqual(server.verify_email(fresh)[2]["code"], "verified")
        self.site.config.write_text(self.sign_in_stage(self.stronger))
        (self.site.folder / "django_secret").unlink()
        with self.serve() as server:
            self.assertEqual(server.verify_email(late)[2]["code"], "signature-invalid")
            self.assertEqual(server.verify_email(self.mailed_link(server, "fourth@site.example"))[2]["code"], "verified")

    def test_going_back_leaves_djangos_tables_and_no_table_of_ours(self):
        before = self.site.query("SELECT name FROM sqlite_schema ORDER BY name")
        self.run_steps()
        drop, journal = re.search(r'db\.sqlite3 "(SELECT .+?)" \\\n.+\n.*"(PRAGMA .+?)"', fenced("sh")[2]).groups()
        for statement, in self.site.query(drop):
            self.site.query(statement)
        connection = sqlite3.connect(self.site.database)
        self.assertEqual(connection.execute(journal).fetchone(), ("delete",))
        connection.close()
        self.assertEqual(self.site.query("SELECT name FROM sqlite_schema WHERE name <> 'sqlite_sequence' ORDER BY name"),
                         [row for row in before if row != ("sqlite_sequence",)])


if __name__ == "__main__":
    unittest.main()
