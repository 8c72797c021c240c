"""The built program as its tests drive it: a site in a temporary folder, its commands, its server.

Every wait has a deadline. Only processes that were started here are ended, by their own id.
"""

import email
import email.policy
import http.client
import json
import os
import re
import resource
import select
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest
import uuid
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

PROGRAM = os.environ["WAXSEAL_PROGRAM"]
SERVER_LOGS = os.environ.get("SERVER_LOGS")  # where tools/scan_logs looks; no key of the configuration, so without its prefix
LONGEST_WAIT_S = 30  # generous: the program may be built with sanitizers, and the machine busy
DJANGO_SECRET = "a-django-secret-key-that-nobody-may-ever-see-printed"


def wait_until(condition, what, longest_s=LONGEST_WAIT_S):
    """What `condition` returns, once it is true."""
    deadline = time.monotonic() + longest_s
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError(f"not within {longest_s} s: {what}")


# Root reads and writes what modes forbid. Without its capabilities it is a user like any other, who owns its files.
WITHOUT_POWERS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []


def link_in(mail):
    """The four values of the link that stands alone on a line of the mail in that file."""
    message = email.message_from_bytes(mail.read_bytes(), policy=email.policy.strict)
    lines = message.get_body("plain").get_content().splitlines()
    return dict(parse_qsl(urlsplit(next(line for line in lines if line.startswith("https://"))).query))


def keep_log(text):
    """Leaves what a server logged where it is scanned, if somebody will."""
    if SERVER_LOGS:
        (Path(SERVER_LOGS) / f"{uuid.uuid4().hex}.log").write_text(text)


class Answer:
    """What a command printed and exited with."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


class Site:
    """A folder with a configuration, a database, keys and mails of its own."""

    def __init__(self, **sections):
        self._temporary = tempfile.TemporaryDirectory(prefix="waxseal-cli-")
        self.folder = Path(self._temporary.name)
        self.config = self.folder / "waxseal.toml"
        self.database = self.folder / "waxseal.db"
        self.mail = self.folder / "mail"
        self.outputs = []
        self.launcher = []  # words before the program's own name
        (self.folder / "secret").write_text(DJANGO_SECRET + "\n")
        (self.folder / "secret").chmod(0o600)
        self.configure(**sections)

    def configure(self, **sections):
        """Writes the configuration: the one below, with keys replaced, added, or left out if they are None."""
        settings = {
            "server": {"listen": "127.0.0.1:0", "threads": 4},
            "storage": {"url": f"sqlite:{self.database}"},
            # Notices are off where a test is not about them: it counts mails.
            "register_email": {"verification_url": "https://site.example/verify-email/", "from": "Site <no-reply@site.example>",
                               "notify_old_address": False},
            "signing": {"keys_dir": str(self.folder / "keys"), "accept": ["ed25519", "django"],
                        "django_secret_file": str(self.folder / "secret")},
            "mail": {"transport": "file", "directory": str(self.mail)},
            "limits": dict.fromkeys(("per_user", "per_address", "per_domain", "per_ip"), ""),
        }
        for section, keys in sections.items():
            settings.setdefault(section, {}).update(keys)
        lines = []
        for section, keys in settings.items():
            lines.append(f"[{section}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in keys.items() if value is not None]
        self.config.write_text("\n".join(lines) + "\n")

    def environment(self, **more):
        others = {name: value for name, value in os.environ.items() if not name.startswith("WAXSEAL_")}
        return {**others, **more}

    def run(self, *arguments, stdin="", config=True, cwd=None, **environment):
        """Runs one command. `config`: whether to name the site's configuration."""
        named = ["--config", str(self.config)] if config else []
        answer = Answer(subprocess.run([*self.launcher, PROGRAM, *map(str, arguments), *named], input=stdin, capture_output=True, text=True,
                                       timeout=LONGEST_WAIT_S, cwd=cwd or self.folder, env=self.environment(**environment)))
        self.outputs += [answer.out, answer.err]
        return answer

    def start(self, *arguments):
        """Starts one command and does not wait for it."""
        return subprocess.Popen([*self.launcher, PROGRAM, *arguments, "--config", self.config], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder, env=self.environment())

    def must(self, *arguments, **options):
        answer = self.run(*arguments, **options)
        assert answer.code == 0, answer
        return answer

    def prepare(self, *, token="a-token-that-nobody-may-see"):
        """Tables, a key, and two accounts; ada (id 1) has a token."""
        self.must("migrate")
        self.must("key", "new")
        self.must("user", "add", "--id", "1", "--email", "ada@site.example", "--token", "-", stdin=token + "\n")
        self.must("user", "add", "--id", "2", "--email", "bob@site.example")
        self.token = token
        return self

    def query(self, sql, *values):
        connection = sqlite3.connect(self.database, timeout=LONGEST_WAIT_S)
        try:
            with connection:
                return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def outbox(self):
        """(state, attempts, reason) of each entry, oldest first."""
        return self.query("SELECT state, attempts, reason FROM waxseal_outbox ORDER BY id")

    def make_mails_due(self):
        self.query("UPDATE waxseal_outbox SET due_at = 0 WHERE state = 'queued'")

    def dump(self):
        """Every statement that makes the database what it is."""
        connection = sqlite3.connect(self.database, timeout=LONGEST_WAIT_S)
        try:
            return list(connection.iterdump())
        finally:
            connection.close()

    def mails(self):
        """Those that are whole: a mail is written under a dot name first, which Python's glob would find, too."""
        return sorted(path for path in self.mail.glob("*.eml") if not path.name.startswith("."))

    def secrets_printed(self, *secrets):
        """Those of the secrets, and of the site's signing keys, that stand in any output."""
        for key in (self.folder / "keys").glob("*.jwk"):
            secrets += tuple(re.findall(r'"d": "([^"]+)"', key.read_text()))
        return [secret for secret in secrets if any(secret in output for output in self.outputs)]

    def remove(self):
        self._temporary.cleanup()


def limit_file_size(most_bytes):
    """In a child: what would grow a file further fails. Without the signal, which would end the program."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))


class Server:
    """`waxseal serve` of a site, started, with all that it prints. Use as a context.

    `command`: another program that serves the site and says where it listens, as `waxseal serve` does.
    `file_size_limit`: no file may grow beyond so many bytes, as on a disk that is full.
    """

    def __init__(self, site, *arguments, command=None, file_size_limit=None, **environment):
        self._site = site
        self._lines = []
        command = command or [*site.launcher, PROGRAM, "serve", "--config", site.config]
        self._process = subprocess.Popen(
            [*map(str, command), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, cwd=site.folder, env=site.environment(**environment),
            preexec_fn=lambda: limit_file_size(file_size_limit) if file_size_limit else None)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            found = wait_until(self._listening, "the server listens")
        except BaseException:
            self.__exit__()
            raise
        self.port = int(found.group(1))

    def _read(self):
        for line in self._process.stdout:
            self._lines.append(line)

    def _listening(self):
        if self._process.poll() is not None:
            raise AssertionError(f"the server ended: {self.log()}")
        return re.search(r"listening (?:on |address=)http://127\.0\.0\.1:(\d+)", self.log())

    def log(self):
        return "".join(self._lines)

    def terminate(self):
        """SIGTERM; does not wait."""
        self._process.send_signal(signal.SIGTERM)

    def signal(self, number):
        self._process.send_signal(number)

    def kill(self):
        """SIGKILL, and waits until it is gone."""
        self._process.kill()
        self._process.wait(timeout=LONGEST_WAIT_S)

    def wait(self):
        """The exit status, once it has one."""
        code = self._process.wait(timeout=LONGEST_WAIT_S)
        self._reader.join(timeout=LONGEST_WAIT_S)
        return code

    def limit_file_size(self, most_bytes):
        """Writes beyond that fail from now on, as on a disk that is full. None: no limit."""
        _, hard = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        soft = hard if most_bytes is None else most_bytes
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (soft, hard))

    def is_running(self):
        return self._process.poll() is None

    def get(self, path):
        """The parsed body of an answer that is 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_WAIT_S)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            assert answer.status == 200, answer.status
            return json.loads(answer.read())
        finally:
            connection.close()

    def post(self, path, body, **headers):
        """Posts JSON. Returns (status, headers, parsed body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_WAIT_S)
        try:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), json.loads(answer.read())
        finally:
            connection.close()

    def register_email(self, email):
        return self.post("/api/v1/accounts/register-email/", {"email": email}, Authorization=f"Token {self._site.token}")

    def verify_email(self, fields):
        return self.post("/api/v1/accounts/verify-email/", fields)

    def undo_email(self, fields):
        return self.post("/api/v1/accounts/undo-email/", fields)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=LONGEST_WAIT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(timeout=LONGEST_WAIT_S)
        self._process.stdout.close()
        self._site.outputs.append(self.log())
        keep_log(self.log())


def is_silent(connection, seconds):
    """True if nothing arrives on the socket for that long."""
    return not select.select([connection], [], [], seconds)[0]


class SiteTest(unittest.TestCase):
    """A test with a site that is gone afterwards, in whose outputs no secret ever stood."""

    secrets = (DJANGO_SECRET,)

    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.remove)
        self.addCleanup(self.check_no_secrets)

    def check_no_secrets(self):
        self.assertEqual(self.site.secrets_printed(*self.secrets), [])

    def assert_refused(self, answer, *words, code=1):
        self.assertEqual(answer.code, code, answer)
        for word in words:
            self.assertIn(word, answer.err)
