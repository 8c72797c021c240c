"""examples/three-nodes as its README says, on ports that the system picks, with accounts and links to press.

Whoever imports this needs PostgreSQL and nginx: `skip_unless_possible` says so loudly where they are not.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from postgres_cluster import programs
from waxseal_program import PROGRAM, wait_until

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "three-nodes"
LONGEST_ANSWER_S = 60


def skip_unless_possible():
    if programs() is None or not shutil.which("nginx", path="/usr/sbin:/usr/bin"):
        raise unittest.SkipTest("PostgreSQL or nginx is not installed: apt-get install postgresql nginx-light")


def free_ports(count):
    """Different ones that are free at this moment."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def post(port, path, body, **headers):
    """Posts JSON. Returns (status, headers, parsed body), or (0, {}, {}) if the connection broke."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_ANSWER_S)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, dict(answer.getheaders()), json.loads(text) if text.startswith(b"{") else {}
    except OSError:
        return 0, {}, {}
    finally:
        connection.close()


def status_of(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_ANSWER_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


class ThreeNodes:
    """The running example. `ports` are nginx's and the three nodes'."""

    def __init__(self):
        self._parent = tempfile.TemporaryDirectory(prefix="waxseal-nodes-")
        Path(self._parent.name).chmod(0o711)
        self.folder = Path(self._parent.name) / "cluster"
        ports = free_ports(6)
        self.front, self.nodes = ports[0], dict(zip((1, 2, 3), ports[1:4]))
        self.primary, self.standby = ports[4:]
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("WAXSEAL_")}, "WAXSEAL": PROGRAM,
            "WAXSEAL_PORTS": " ".join(map(str, ports)), "WAXSEAL_LIMITS_PER_USER": "", "WAXSEAL_LIMITS_PER_ADDRESS": "",
            "WAXSEAL_LIMITS_PER_DOMAIN": "", "WAXSEAL_LIMITS_PER_IP": ""}
        try:
            self.cluster("start")
        except BaseException:
            self.stop()
            raise

    def cluster(self, *words):
        done = subprocess.run([str(EXAMPLE / "cluster"), *map(str, words), str(self.folder)], env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180, check=False)
        if done.returncode != 0:
            logs = "\n".join(f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in sorted(self.folder.glob("*.log")))
            raise AssertionError(f"cluster {words}: {done.stdout}\n{logs}")
        return done.stdout.strip()

    def stop(self):
        subprocess.run([str(EXAMPLE / "cluster"), "stop", str(self.folder)], env=self.environment, check=False, timeout=180)
        self._parent.cleanup()

    def command(self, *words, stdin=""):
        """Runs the program as the nodes are run, and returns what it printed."""
        url = f"postgresql://waxseal@127.0.0.1:{self.primary},127.0.0.1:{self.standby}/waxseal?target_session_attrs=read-write"
        done = subprocess.run([PROGRAM, *map(str, words), "--config", str(EXAMPLE / "waxseal.toml")], input=stdin, text=True,
                              capture_output=True, timeout=180, check=False,
                              env={**self.environment, "PGPASSFILE": str(self.folder / "pgpass"), "WAXSEAL_STORAGE_URL": url,
                                   "WAXSEAL_SIGNING_KEYS_DIR": str(self.folder / "keys"), "WAXSEAL_MAIL_DIRECTORY": str(self.folder / "mail")})
        if done.returncode != 0:
            raise AssertionError(f"{words}: {done.stderr}")
        return done.stdout

    def sql(self, statement, port=None):
        done = subprocess.run([str(programs() / "psql"), "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                               str(port or self.primary), "-U", "waxseal", "-d", "waxseal", "-c", statement], capture_output=True, text=True,
                              env={**os.environ, "PGPASSFILE": str(self.folder / "pgpass")}, timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def process(self, name):
        return int((self.folder / f"{name}.pid").read_text())

    def signal(self, name, number):
        os.kill(self.process(name), number)

    def kill(self, name):
        """SIGKILL of a part with all its processes, as when its machine goes; returns once it is gone."""
        group = self.process(name)
        os.killpg(group, signal.SIGKILL)
        wait_until(lambda: not is_alive(group), f"{name} is gone")

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def add_accounts(self, count, start=1):
        """Accounts with the ids start, start + 1 …, each with an address."""
        accounts = f"SELECT i::text AS id, 'a' || i || '@old.example' AS email FROM generate_series({start}, {start + count - 1}) AS i"
        self.sql(f"INSERT INTO waxseal_account (id, email) {accounts}")
        self.sql(f"INSERT INTO waxseal_email_claim (account_id, email_key) {accounts}")

    def links(self, count, start=1):
        """For each of those accounts a link to another address, as the four fields that a page posts."""
        lines = "".join(json.dumps({"user_id": str(i), "email": f"b{i}@new.example"}) + "\n" for i in range(start, start + count))
        made = self.command("link", "new", "--stdin", stdin=lines).splitlines()
        return [dict(parse_qsl(urlsplit(json.loads(line)["url"]).query)) for line in made]

    def press(self, link, port=None):
        return post(port or self.front, "/api/v1/accounts/verify-email/", link)


def is_alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Presses:
    """Threads that press links, each until its answer is 200. Keeps every answer with its time."""

    def __init__(self, nodes, links, threads=8, port=None):
        self._nodes, self._port = nodes, port
        self._waiting = list(reversed(links))
        self._lock = threading.Lock()
        self._stopping = False
        self.answers = []  # (time, status, code, user id)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _work(self):
        while not self._stopping:
            with self._lock:
                if not self._waiting:
                    return
                link = self._waiting.pop()
            while not self._stopping:
                status, headers, _ = self._nodes.press(link, self._port)
                with self._lock:
                    self.answers.append((time.monotonic(), status, headers.get("Waxseal-Code", ""), link["user_id"]))
                if status == 200:
                    break
                time.sleep(0.05)  # as a page that tries again

    def done(self):
        """Those whose answer was 200, by user id."""
        with self._lock:
            return {user for _, status, _, user in self.answers if status == 200}

    def statuses(self):
        with self._lock:
            return {status: sum(1 for answer in self.answers if answer[1] == status) for status in {answer[1] for answer in self.answers}}

    def join(self, longest_s=120):
        deadline = time.monotonic() + longest_s
        for thread in self._threads:
            thread.join(max(0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            raise AssertionError(f"presses are not through after {longest_s} s: {self.statuses()}")

    def stop(self):
        self._stopping = True
        for thread in self._threads:
            thread.join(LONGEST_ANSWER_S)
