"""A node in a network of its own: the line to the database is cut, and healed. The database shows its certificate, as everywhere."""

import os
import shutil
import subprocess
import time
import unittest

from postgres_test import PostgresTest, requires
from waxseal_program import LONGEST_WAIT_S, Server, wait_until

OUTSIDE, INSIDE = "10.213.57.1", "10.213.57.2"
NAME = f"wx{os.getpid()}"


def ip(*words):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=False, timeout=LONGEST_WAIT_S)


class Network:
    """A namespace with one line to this machine."""

    def __init__(self):
        made = ip("netns", "add", NAME)
        requires(made.returncode == 0, f"no network namespace can be made: {made.stderr.strip()}")
        try:
            for words in (("link", "add", f"{NAME}o", "type", "veth", "peer", "name", f"{NAME}i", "netns", NAME),
                          ("addr", "add", f"{OUTSIDE}/30", "dev", f"{NAME}o"), ("link", "set", f"{NAME}o", "up"),
                          ("-n", NAME, "addr", "add", f"{INSIDE}/30", "dev", f"{NAME}i"),
                          ("-n", NAME, "link", "set", f"{NAME}i", "up"), ("-n", NAME, "link", "set", "lo", "up")):
                done = ip(*words)
                requires(done.returncode == 0, f"no line between networks can be made: {done.stderr.strip()}")
        except BaseException:
            self.remove()
            raise

    def remove(self):
        ip("netns", "del", NAME)

    def cut(self):
        """Nothing comes back, as when a switch dies: no connection is refused or reset."""
        ip("-n", NAME, "link", "set", f"{NAME}i", "down")

    def heal(self):
        ip("-n", NAME, "link", "set", f"{NAME}i", "up")


class NetworkTest(PostgresTest):
    settings = {"listen_addresses": f"'{OUTSIDE}'", "ssl": "on"}

    def setUp(self):
        requires(os.geteuid() == 0 and shutil.which("ip"), "a network namespace needs root and the package iproute2")
        self.network = Network()
        self.addCleanup(self.network.remove)
        super().setUp()

    def make_cluster(self):
        cluster = super().make_cluster()
        for name in ("ca", "server"):
            subprocess.run(["openssl", "req", "-x509" if name == "ca" else "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-subj", f"/CN={name}", "-keyout", cluster.folder / f"{name}.key", "-out",
                            cluster.folder / (f"{name}.crt" if name == "ca" else f"{name}.csr")], check=True, capture_output=True)
        (cluster.folder / "names").write_text(f"subjectAltName=IP:{OUTSIDE}\n")
        subprocess.run(["openssl", "x509", "-req", "-in", cluster.folder / "server.csr", "-CA", cluster.folder / "ca.crt", "-CAkey",
                        cluster.folder / "ca.key", "-CAcreateserial", "-days", "2", "-extfile", cluster.folder / "names", "-out",
                        cluster.folder / "server.crt"], check=True, capture_output=True)
        shutil.chown(cluster.folder / "server.key", "postgres", "postgres")
        cluster.settings.update(ssl_cert_file=f"'{cluster.folder}/server.crt'", ssl_key_file=f"'{cluster.folder}/server.key'")
        real_create = cluster.create

        def create():
            real_create()
            with open(cluster.data / "pg_hba.conf", "a", encoding="ascii") as rules:
                rules.write(f"hostssl all app {INSIDE}/32 trust\n")
            return cluster

        cluster.create = create
        return cluster

    def url(self):
        return f"postgresql://app@{OUTSIDE}/waxseal?sslrootcert={self.cluster.folder}/ca.crt"

    def inside(self, *command):
        return ["ip", "netns", "exec", NAME, *command]

    def ask(self, method, path, body="", **headers):
        """Asks the node from within its network, whose loopback is another one than ours. Returns the status."""
        words = ["curl", "-s", "-o", "/dev/null", "-m", "60", "-w", "%{http_code}", "-X", method]
        for name, value in headers.items():
            words += ["-H", f"{name.replace('_', '-')}: {value}"]
        done = subprocess.run(self.inside(*words, *(["-d", body] if body else []), f"http://127.0.0.1:{self.server.port}{path}"),
                              capture_output=True, text=True, check=False, timeout=90)
        return int(done.stdout or 0)

    def register(self, email):
        return self.ask("POST", "/api/v1/accounts/register-email/", '{"email": "%s"}' % email, Content_Type="application/json",
                        Authorization=f"Token {self.site.token}")

    def test_a_line_that_is_cut_is_503_within_seconds_and_all_goes_on_once_it_is_healed(self):
        self.site.launcher = self.inside()
        self.site.prepare()
        with Server(self.site) as self.server:
            self.assertEqual(self.register("one@site.example"), 200)
            self.network.cut()
            start = time.monotonic()
            self.assertEqual(self.register("two@site.example"), 503)
            told_after = time.monotonic() - start
            self.assertLess(told_after, 30)
            self.assertEqual(self.ask("GET", "/readyz"), 503)
            self.network.heal()
            start = time.monotonic()
            wait_until(lambda: self.ask("GET", "/readyz") == 200, "the node is ready again")
            print(f"\nline cut: told after {told_after:.1f} s; ready {time.monotonic() - start:.1f} s after it was healed")
            self.assertEqual(self.register("three@site.example"), 200)

    def test_a_server_with_another_certificate_is_not_the_database(self):
        self.site.launcher = self.inside()
        other = self.cluster.folder / "other.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=other", "-keyout",
                        "/dev/null", "-out", other], check=True, capture_output=True)
        self.site.configure(storage={"url": self.url().replace("/ca.crt", "/other.crt")})
        answer = self.site.run("migrate")
        self.assertEqual(answer.code, 1)
        self.assertIn("certificate verify failed", answer.err)


if __name__ == "__main__":
    unittest.main()
