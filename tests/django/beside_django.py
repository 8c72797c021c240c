"""A Django and a Waxseal over one database: what the tests of this folder have in common.

Django runs twice: its server as a process of its own, and its ORM in the process of the tests, which makes accounts and looks
at them as a site's own code does.
"""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from email import message_from_bytes, policy
from importlib.metadata import version
from itertools import count
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from waxseal_program import DJANGO_SECRET, LONGEST_WAIT_S, Server, Site, wait_until

WEEK_S = 7 * 24 * 60 * 60
VERIFICATION_URL = "https://site.example/verify-email/"
SITE = Path(__file__).parent / "site"
_own = tempfile.TemporaryDirectory(prefix="waxseal-django-")
MIGRATED = Path(_own.name) / "migrated.db"  # as Django makes it, before any Waxseal comes near
(Path(_own.name) / "secret").write_text(DJANGO_SECRET + "\n")
os.environ.update(DJANGO_SETTINGS_MODULE="project.settings", SITE_DATABASE=str(MIGRATED),
                  SITE_SECRET_FILE=str(Path(_own.name) / "secret"), SITE_MAIL=str(Path(_own.name) / "mail"))

import django  # noqa: E402

django.setup()

import rest_framework  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from rest_framework.authtoken.models import Token  # noqa: E402
from rest_registration.signers.register_email import RegisterEmailSigner  # noqa: E402

User = get_user_model()
_numbers = count(1)


def versions():
    return (f"Django {django.get_version()}, Django REST Framework {rest_framework.VERSION}, "
            f"Django REST Registration {version('django-rest-registration')}, "
            f"Python {'.'.join(map(str, sys.version_info[:3]))}, SQLite {sqlite3.sqlite_version}")


print(versions(), file=sys.stderr)


def new_address():
    """One that no account has, and no mail was sent to."""
    return f"n{next(_numbers)}@site.example"


def signed_by_django(user_id, email, **timestamp):
    """The four values of a link, as Django REST Registration's own signer makes them."""
    return _texts(RegisterEmailSigner({"user_id": user_id, "email": email, **timestamp}).get_signed_data())


def _texts(fields):
    return {name: str(value) for name, value in fields.items()}


def fields_of(link):
    return dict(parse_qsl(urlsplit(link).query))


def url_of(fields):
    return f"{VERIFICATION_URL}?{urlencode(fields)}"


def press(endpoint, *urls, **options):
    """What the npm package's `check` and `submit` say of each link, in order, one after the other."""
    links = [{"url": url, "endpoint": endpoint, "options": {"period": WEEK_S, **options}} for url in urls]
    done = subprocess.run(["node", "press_links.mjs"], capture_output=True, text=True, timeout=LONGEST_WAIT_S,
                          input=json.dumps({"package": os.environ["WAXSEAL_PACKAGE"], "links": links}))
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def django_mails(folder):
    """Django's backend for files puts a line of dashes after each mail of a file."""
    texts = [file.read_bytes() for file in sorted(folder.glob("*.log"))]
    return [mail for text in texts for mail in text.split(b"\n" + b"-" * 79 + b"\n") if mail.strip()]


class BesideDjangoTest(unittest.TestCase):
    """One database, one Django and one Waxseal for all tests of a class. Each test has an account of its own."""

    waxseal_settings = {}  # sections, over those of `configure`
    site_settings = {}  # SITE_ variables of Django's server

    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.remove)
        cls.use_new_database()
        cls.configure(**cls.waxseal_settings)
        cls.site.must("migrate")
        cls.site.must("key", "new")
        cls.django = cls.enterClassContext(cls.serve_django(**cls.site_settings))
        cls.waxseal = cls.enterClassContext(Server(cls.site))

    @classmethod
    def use_new_database(cls):
        """Django's own migrations are run once for all classes."""
        if not MIGRATED.exists():
            call_command("migrate", verbosity=0)
        connection.close()
        shutil.copy(MIGRATED, cls.site.database)
        connection.settings_dict["NAME"] = str(cls.site.database)
        cls.addClassCleanup(connection.close)

    @classmethod
    def configure(cls, **sections):
        """Django's tables are adopted. Its own model of accounts does not keep addresses unique."""
        settings = {"users": {"table": User._meta.db_table, "credential_column": "password", "email_unique": False},
                    "auth": {"token_table": Token._meta.db_table}}
        for section, keys in sections.items():
            settings[section] = {**settings.get(section, {}), **keys}
        cls.site.configure(**settings)

    @classmethod
    def serve_django(cls, **variables):
        variables = {"SITE_DATABASE": cls.site.database, "SITE_SECRET_FILE": cls.site.folder / "secret",
                     "SITE_MAIL": cls.site.folder / "django-mail", **variables}
        return Server(cls.site, command=[sys.executable, "-B", SITE / "serve.py"],
                      **{name: str(value) for name, value in variables.items()})

    @classmethod
    def tearDownClass(cls):
        printed = cls.site.secrets_printed(DJANGO_SECRET)
        assert not printed, printed

    def setUp(self):
        self.account = self.new_account()

    def new_account(self, **fields):
        """An account with a token, both made by Django's own API."""
        name = f"person{next(_numbers)}"
        fields = {User.USERNAME_FIELD: name, "email": f"{name}@site.example", "password": "first password", **fields}
        account = User.objects.create_user(**fields)
        account.token = Token.objects.create(user=account).key
        return account

    def row(self, account=None):
        """All that Django's table holds of the account."""
        return User.objects.filter(pk=(account or self.account).pk).values().get()

    def email(self):
        return self.row()["email"]

    def register(self, server, email, account=None):
        token = (account or self.account).token
        return server.post("/api/v1/accounts/register-email/", {"email": email}, Authorization=f"Token {token}")

    def link_from(self, server, email=None):
        """What was signed of the link that the server mails to the address."""
        return fields_of(self.url_from(server, email or new_address()))

    def url_from(self, server, email, account=None):
        return next(line for line in self.lines_from(server, email, account) if line.startswith(VERIFICATION_URL))

    def lines_from(self, server, email, account=None):
        """Of the text that the server mails to the address."""
        status, _, answer = self.register(server, email, account)
        self.assertEqual((status, answer), (200, {"detail": "Register email link email sent"}))
        message = wait_until(lambda: self.mail_to(email), f"a mail to {email}")
        return message.get_body("plain").get_content().splitlines()

    def mail_to(self, email):
        mails = [file.read_bytes() for file in self.site.mails()] + django_mails(self.site.folder / "django-mail")
        messages = [message_from_bytes(mail, policy=policy.default) for mail in mails]
        return next((message for message in messages if message["To"] == email), None)

    def api(self, server=None, path="/api/v1/accounts/"):
        return f"http://127.0.0.1:{(server or self.django).port}{path}"

    def assert_verified(self, answer, code=None):
        status, headers, body = answer
        self.assertEqual((status, body["detail"]), (200, "Email verified successfully"), body)
        if code:
            self.assertEqual((body["code"], headers["Waxseal-Code"]), (code, code))

    def assert_rejected(self, answer, code, detail=None):
        status, headers, body = answer
        self.assertEqual((status, headers.get("Waxseal-Code")), (400, code), body)
        if detail:
            self.assertEqual(body["detail"], detail)

    def assert_outcome(self, answer, status, code, message=None):
        """Of one link that was pressed by `press`."""
        outcome = answer["outcome"]
        self.assertEqual((outcome["status"], outcome["code"]), (status, code), outcome)
        if message:
            self.assertEqual(outcome["message"], message)
