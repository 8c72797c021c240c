"""The systems that are measured: each makes its data once, and is started anew, on a copy of it, for every round."""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench/peers"
PROGRAM = Path(os.environ.get("WAXSEAL_PROGRAM", ROOT / "build/release/server/waxseal"))
BENCH_PROGRAMS = Path(os.environ.get("WAXSEAL_BENCH_PROGRAMS", ROOT / "build/release/bench"))
PYTHON = "/usr/bin/python3"
LONGEST_START_S = 60
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def run(*command, **options):
    """What the command prints."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command[:3]))} failed: {done.stderr[-2000:]}")
    return done.stdout


class Process:
    """A server that was started here, with every process that it started in turn."""

    def __init__(self, command, ready_path, folder, environment=None):
        self.log = folder / "server.log"
        begun = time.monotonic()
        with open(self.log, "w") as log:
            self._process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                                             env={**os.environ, **(environment or {})}, start_new_session=True)
        self.port = self._wait_for_port(begun)
        self._wait_until_answered(f"http://127.0.0.1:{self.port}{ready_path}", begun)
        self.ready_ms = 1000 * (time.monotonic() - begun)

    def _wait_for_port(self, begun):
        while time.monotonic() - begun < LONGEST_START_S:
            found = re.search(r"(?:http://|address=http://)127\.0\.0\.1:(\d+)", self.log.read_text())
            if found:
                return int(found.group(1))
            if self._process.poll() is not None:
                break
            time.sleep(0.001)
        raise RuntimeError(f"{self._process.args[0]} does not listen: {self.log.read_text()[-2000:]}")

    @staticmethod
    def _wait_until_answered(url, begun):
        while time.monotonic() - begun < LONGEST_START_S:
            try:
                urllib.request.urlopen(url, timeout=10).read()
                return
            except urllib.error.HTTPError:
                return  # an answer all the same
            except OSError:
                time.sleep(0.001)
        raise RuntimeError(f"{url} is not answered")

    def _ids(self):
        """Of the process and all its descendants."""
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(stat.parent.name)] = int(fields[1])
        ids = {self._process.pid}
        while True:
            more = {child for child, parent in parents.items() if parent in ids} - ids
            if not more:
                return ids
            ids |= more

    def cpu_seconds(self):
        total = 0
        for number in self._ids():
            fields = Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS_PER_SECOND

    def resident_mb(self):
        total = 0
        for number in self._ids():
            total += int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{number}/status").read_text()).group(1))
        return total / 1024

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class System:
    """`data` holds what is made once; `start` gives a running server on a copy of it."""

    name = ""
    files = ()  # that each start needs a copy of
    work = ("verify", "altered", "expired", "register")  # request files that there are

    def __init__(self, scratch, accounts, links):
        self.data = scratch / f"{self.name}-{accounts}"
        self.accounts, self.links = accounts, links
        self.copy = scratch / f"{self.name}-running"
        if not self.data.exists():
            self.data.mkdir(parents=True)
            self.make()

    def make(self):
        """Fills `data`."""

    def start(self):
        shutil.rmtree(self.copy, ignore_errors=True)
        self.copy.mkdir()
        for name in self.files:
            source = self.data / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, self.copy / name)
        # What was copied goes to the disk before anything is measured.
        os.sync()
        return self.launch()

    def requests(self, work):
        return self.data / f"{work}.txt"


class Waxseal(System):
    name = "waxseal"
    files = ("waxseal.db", "keys", "waxseal.toml", "webhook-secret")

    def configuration(self, webhook_port):
        """As an operator would have it, with everything on; limits are charged, and high, for all requests come from here."""
        return f"""
[server]
listen = "127.0.0.1:0"
[storage]
url = "sqlite:waxseal.db"
[register_email]
from = "Site <no-reply@site.example>"
verification_url = "https://site.example/verify-email/"
undo_url = "https://site.example/undo-email/"
[signing]
keys_dir = "keys"
[mail]
transport = "file"
directory = "mail"
[limits]
per_domain = "1000000/s"
per_ip = "1000000/s"
[webhooks]
url = "http://127.0.0.1:{webhook_port}/api/v1/accounts/verify-email/"
secret_file = "webhook-secret"
allow_hosts = ["127.0.0.1"]
"""

    def make(self):
        (self.data / "waxseal.toml").write_text(self.configuration(1))
        secret = "whsec_" + __import__("base64").b64encode(secrets.token_bytes(32)).decode()
        (self.data / "webhook-secret").write_text(secret + "\n")
        (self.data / "webhook-secret").chmod(0o600)
        for command in (["migrate"], ["key", "new"]):
            run(PROGRAM, *command, "--config", "waxseal.toml", cwd=self.data)
        run(BENCH_PROGRAMS / "waxseal_make_work", "--folder", self.data, "--accounts", self.accounts, "--links", self.links)

    def launch(self):
        self.webhook = EmptyHandler.launch_in(self.copy / "webhook")
        (self.copy / "waxseal.toml").write_text(self.configuration(self.webhook.port))
        server = Process([PROGRAM, "serve", "--config", "waxseal.toml"], "/readyz", self.copy)
        stop_server = server.stop

        def stop():
            stop_server()
            self.webhook.stop()

        server.stop = stop
        return server


class EmptyHandler(System):
    name = "empty"
    work = ("verify",)

    @staticmethod
    def launch_in(folder):
        folder.mkdir(exist_ok=True)
        return Process([BENCH_PROGRAMS / "waxseal_empty_handler"], "/", folder)

    def launch(self):
        return self.launch_in(self.copy)


class Drr(System):
    """Django REST Registration on gunicorn with two workers."""

    name = "drr"
    files = ("django.db",)

    def make(self):
        self.python = run(ROOT / "tests/django/install", "current").strip()
        run(self.python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes", "--no-deps", "--only-binary",
            ":all:", "--target", self.data / "gunicorn", "-r", PEERS / "drr/gunicorn.txt")
        (self.data / "secret").write_text(secrets.token_urlsafe(48) + "\n")
        run(self.python, "-B", PEERS / "drr/make_accounts.py", self.links, env=self.environment(self.data))
        run(BENCH_PROGRAMS / "waxseal_make_work", "--folder", self.data, "--accounts", self.links, "--links", self.links,
            "--django-secret", self.data / "secret")

    def environment(self, folder):
        self.python = run(ROOT / "tests/django/install", "current").strip()
        paths = (PEERS / "drr", ROOT / "tests/django/site", self.data / "gunicorn")
        return {**os.environ, "PYTHONPATH": ":".join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1",
                "SITE_DATABASE": str(folder / "django.db"), "SITE_SECRET_FILE": str(self.data / "secret"), "SITE_MAIL": str(folder / "mail")}

    def launch(self):
        environment = self.environment(self.copy)
        return Process([self.python, "-m", "gunicorn", "--bind", "127.0.0.1:0", "--workers", "2", "--chdir", self.copy, "bench_wsgi"],
                       "/api/v1/accounts/verify-email/", self.copy, environment)


class BetterAuth(System):
    name = "better-auth"
    files = ("auth.db",)
    work = ("verify", "altered")

    def make(self):
        for name in ("package.json", "package-lock.json", ".npmrc", "server.mjs"):
            shutil.copy(PEERS / "better-auth" / name, self.data / name)
        run("npm", "ci", "--ignore-scripts", cwd=self.data)
        run("node", "server.mjs", self.data, self.links, cwd=self.data)

    def launch(self):
        return Process(["node", self.data / "server.mjs", self.copy, 0], "/api/auth/ok", self.copy)


class SqliteFloor(System):
    """No server: a program that presses links on a database of Waxseal."""

    name = "sqlite-floor"
    files = ("waxseal.db",)

    def press_all(self, presses, batch):
        shutil.rmtree(self.copy, ignore_errors=True)
        self.copy.mkdir()
        shutil.copy(self.data / "waxseal.db", self.copy / "waxseal.db")
        with open(self.data / "verify.txt") as links, open(self.copy / "verify.txt", "w") as some:
            some.writelines(line for _, line in zip(range(presses), links))
        os.sync()
        return json.loads(run(BENCH_PROGRAMS / "waxseal_sqlite_floor", "--folder", self.copy, "--batch", batch))


def versions(systems):
    """Of what is measured, as the programs say themselves."""
    found = {"waxseal": run(PROGRAM, "version").strip()}
    for system in systems:
        if isinstance(system, Drr):
            script = ("import django, rest_framework, gunicorn; from importlib.metadata import version;"
                      "print(f'Django REST Registration {version(\"django-rest-registration\")}, Django {django.get_version()}, '"
                      "f'gunicorn {gunicorn.__version__}, ' + 'Python ' + __import__('platform').python_version())")
            found["drr"] = run(system.environment(system.data)and system.python, "-c", script, env=system.environment(system.data)).strip()
        if isinstance(system, BetterAuth):
            package = json.loads((system.data / "node_modules/better-auth/package.json").read_text())
            found["better-auth"] = f"better-auth {package['version']}, Node {run('node', '--version').strip()}"
    return found


if __name__ == "__main__":
    sys.exit("systems.py is a part of script/bench")
