"""The Debian package where nothing is but Debian: a minimal root, into which apt installs the package with what it depends on. There
it is configured, checked, started, used for one round trip, removed and purged; nothing is left but data.

mmdebstrap makes the root, from Debian's archive and by the machine's own way to it. A chroot needs root."""

import contextlib
import http.client
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from waxseal_program import link_in, wait_until

BUILD = os.environ["WAXSEAL_BUILD"]
LONGEST_WAIT_S = 60
CONFIGURATION = "/etc/waxseal/waxseal.toml"
TOKEN = "ada-has-a-token-of-twenty"


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=840, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def post(port, route, body, **headers):
    """(status, parsed body)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_WAIT_S)
    try:
        connection.request("POST", f"/api/v1/accounts/{route}/", json.dumps(body), {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@unittest.skipIf(os.geteuid() != 0, "a root of its own can be entered by root alone")
class BareRootTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="waxseal-bare-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.folder.chmod(0o755)
        cls.root = cls.folder / "root"
        run("cpack", "-G", "DEB", "--config", f"{BUILD}/CPackConfig.cmake", "-B", cls.folder)
        [package] = cls.folder.glob("waxseal_*.deb")
        run("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={package}", "bookworm", cls.root,
            "http://deb.debian.org/debian")

    def inside(self, *command):
        return run("chroot", self.root, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", *command)

    def as_service(self, *command):
        """The words that run a command as the service's unit would, in the service's folder."""
        return ["env", "--chdir=/var/lib/waxseal", "setpriv", "--reuid=waxseal", "--regid=waxseal", "--clear-groups", "waxseal",
                *command, "--config", CONFIGURATION]

    def configure(self):
        """What an operator changes: mails into a folder, a port of the system's choice."""
        file = self.root / CONFIGURATION[1:]
        text = file.read_text()
        text = text.replace('listen = "127.0.0.1:8080"', 'listen = "127.0.0.1:0"')
        text = text.replace('transport = "smtp"\nsmtp_url = "smtp://localhost:587"', 'transport = "file"\ndirectory = "/var/lib/waxseal/mail"')
        file.write_text(text)

    @contextlib.contextmanager
    def serving(self):
        """The server, in the root, and the port that it listens on."""
        with open(self.folder / "log", "w") as log:
            server = subprocess.Popen(["chroot", str(self.root), "env", "-i", "PATH=/usr/bin:/bin", *self.as_service("serve")],
                                      stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                found = wait_until(lambda: server.poll() is not None or
                                   re.search(r"listening address=http://127\.0\.0\.1:(\d+)", Path(log.name).read_text()), "the server listens")
                self.assertIsNone(server.poll(), Path(log.name).read_text())
                yield int(found.group(1))
            finally:
                server.terminate()
                self.assertEqual(server.wait(timeout=LONGEST_WAIT_S), 0)

    def round_trip(self):
        mails = self.root / "var/lib/waxseal/mail"
        with self.serving() as port:
            status, _ = post(port, "register-email", {"email": "new@site.example"}, Authorization=f"Token {TOKEN}")
            self.assertEqual(status, 200)
            mail, = wait_until(lambda: [path for path in mails.glob("*.eml") if b"To: new@site.example" in path.read_bytes()], "the mail is there")
            status, body = post(port, "verify-email", link_in(mail))
            self.assertEqual((status, body.get("code")), (200, "verified"))

    def named_waxseal(self):
        """Every file of the root that has the product's name, but what dpkg and the kernel keep."""
        found = run("find", self.root, "-xdev", "-name", "*waxseal*").splitlines()
        return sorted(path.removeprefix(str(self.root)) for path in found if "/var/lib/waxseal/" not in path)

    def test_from_installing_to_purging(self):
        self.configure()
        self.inside(*self.as_service("migrate"))
        self.assertIn("is fine", self.inside(*self.as_service("check")))
        run("chroot", self.root, *self.as_service("user", "add", "--id", "1", "--email", "ada@site.example", "--token", "-"), input=TOKEN + "\n")
        self.round_trip()
        shown = json.loads(self.inside(*self.as_service("user", "show", "1", "--json")))
        self.assertEqual(shown["email"], "new@site.example")
        events = [entry["event"] for entry in json.loads(self.inside(*self.as_service("audit", "--json")))["entries"]]
        self.assertEqual(events, ["requested", "applied"])

        self.inside("apt-get", "--yes", "remove", "waxseal")
        self.assertFalse((self.root / "usr/bin/waxseal").exists())
        self.assertTrue((self.root / CONFIGURATION[1:]).exists(), "removing keeps the configuration")
        self.inside("apt-get", "--yes", "purge", "waxseal")
        self.assertEqual(self.named_waxseal(), ["/var/lib/waxseal"])
        self.assertEqual(sorted(path.name for path in (self.root / "var/lib/waxseal").iterdir() if "-" not in path.name),
                         ["keys", "mail", "waxseal.db"])


if __name__ == "__main__":
    unittest.main()
