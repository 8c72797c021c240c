"""One server of PostgreSQL full, cut off, or lost in the middle of a change."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from postgres_cluster import Cluster, programs
from three_nodes import status_of
from waxseal_program import LONGEST_WAIT_S, PROGRAM, Server, Site, link_in, wait_until

ROOT = os.geteuid() == 0


def requires(condition, why):
    if not condition:
        raise unittest.SkipTest(why)


class PostgresTest(unittest.TestCase):
    durable = False
    settings = {}

    def setUp(self):
        requires(programs(), "PostgreSQL is not installed: apt-get install postgresql")
        self.cluster = self.make_cluster().create().start()
        self.addCleanup(self.cluster.stop)
        self.cluster.sql("CREATE DATABASE waxseal")
        self.cluster.sql("CREATE ROLE app LOGIN")  # not a superuser: those have connections kept for them
        self.cluster.sql("GRANT ALL ON SCHEMA public TO app", "waxseal")
        self.site = Site(storage={"url": self.url()})
        self.addCleanup(self.site.remove)

    def make_cluster(self):
        return Cluster(durable=self.durable, settings=self.settings)

    def url(self):
        return self.cluster.url().replace("user=waxseal", "user=app")

    def rows(self, statement):
        return self.cluster.sql(statement, "waxseal")

    def requested_link(self, server, email):
        """Asks for a change, and takes the link out of the mail."""
        count = len(self.site.mails())
        self.assertEqual(server.register_email(email)[0], 200)
        return link_in(wait_until(lambda: len(self.site.mails()) > count and self.site.mails()[-1], "the mail"))

    def check_all_is_well(self, server):
        wait_until(lambda: status_of(server.port, "/readyz") == 200, "the node is ready again")
        self.assertEqual(server.register_email("well@site.example")[0], 200)


class LimitsTest(PostgresTest):
    def test_a_server_without_a_free_connection_is_503_and_all_works_once_there_is_one(self):
        self.site.prepare()
        with Server(self.site) as server:
            self.assertEqual(server.register_email("first@site.example")[0], 200)
            self.cluster.sql("ALTER ROLE app CONNECTION LIMIT 0")
            self.cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'waxseal'")
            status, headers, body = server.register_email("new@site.example")
            self.assertEqual((status, body["code"]), (503, "unavailable"))
            self.assertGreater(int(headers["Retry-After"]), 0)
            self.assertEqual(status_of(server.port, "/readyz"), 503)
            self.cluster.sql("ALTER ROLE app CONNECTION LIMIT -1")
            self.check_all_is_well(server)
            self.assertIn("too many connections for role", server.log())


class FullDiskTest(PostgresTest):
    def make_cluster(self):
        requires(ROOT, "mounting a small disk needs root")
        self.disk = tempfile.mkdtemp(prefix="waxseal-disk-")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m,mode=755", "tmpfs", self.disk], capture_output=True, text=True, check=False)
        requires(mounted.returncode == 0, f"no small disk can be mounted: {mounted.stderr.strip()}")
        self.addCleanup(shutil.rmtree, self.disk, ignore_errors=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=False)
        return Cluster(folder=self.disk, durable=True, settings={"min_wal_size": "'32MB'", "max_wal_size": "'48MB'"})

    def test_a_full_disk_is_503_nothing_is_half_done_and_all_works_once_there_is_room(self):
        self.site.prepare()
        with Server(self.site) as server:
            link = self.requested_link(server, "new@site.example")
            filler = Path(self.disk) / "filler"
            with contextlib.suppress(OSError), open(filler, "wb") as file:
                while True:
                    file.write(bytes(1 << 16))
                    file.flush()
            statuses = set()
            deadline = time.monotonic() + 60
            while 503 not in statuses and time.monotonic() < deadline:
                # Until the write-ahead log wants another segment, there is room in what it has.
                with contextlib.suppress(RuntimeError):
                    self.rows("CREATE TABLE IF NOT EXISTS ballast (t text); INSERT INTO ballast SELECT repeat(md5(i::text), 50) "
                              "FROM generate_series(1, 2000) AS i")
                statuses.add(server.register_email("other@site.example")[0])
            self.assertIn(503, statuses)
            self.assertLessEqual(statuses, {200, 503})
            filler.unlink()
            self.cluster_is_back()
            self.check_all_is_well(server)
            status, _, _ = server.verify_email(link)
            self.assertIn(status, (200, 400))  # superseded, if the other request got through
            applied = self.rows("SELECT count(*) FROM waxseal_change WHERE outcome = 'applied'")
            changed = self.rows("SELECT count(*) FROM waxseal_account WHERE email = 'new@site.example'")
            self.assertEqual(applied, changed)

    def cluster_is_back(self):
        """PostgreSQL ends itself when it cannot write its log; whoever looks after it starts it again."""
        if self.cluster.process.poll() is not None:
            self.cluster.start()
        self.cluster.wait_ready()


class MigrationTest(PostgresTest):
    def test_three_nodes_that_migrate_at_once_apply_each_step_once(self):
        commands = [subprocess.Popen([PROGRAM, "migrate", "--config", str(self.site.config), "--json"], stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, text=True, cwd=self.site.folder, env=self.site.environment()) for _ in range(3)]
        outputs = [command.communicate(timeout=LONGEST_WAIT_S) for command in commands]
        self.assertEqual([command.returncode for command in commands], [0, 0, 0], outputs)
        applied = re.findall(r'"((?:accounts|links)/[^"]+)"', "".join(out for out, _ in outputs))
        self.assertEqual(sorted(applied), sorted(row[0] for row in self.rows("SELECT name FROM waxseal_migration")))


class Cut:
    """A proxy before PostgreSQL's socket that lets so many messages of each client pass and then cuts the connection."""

    def __init__(self, target, folder):
        self.path = Path(folder) / ".s.PGSQL.5432"
        self.messages_left = None  # nothing: no cut
        self._target = str(target)
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self.path))
        self.path.chmod(0o777)
        self._server.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source, sink, counts):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if counts and self.messages_left is not None:
                    self.messages_left -= 1
                    if self.messages_left < 0:
                        self.messages_left = None  # once
                        break
                    sink.sendall(data)
                    if self.messages_left == 0:
                        # The last one reaches the server, and its answer nobody.
                        time.sleep(0.05)
                        self.messages_left = None
                        break
                else:
                    sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._server.close()


class CutTest(PostgresTest):
    def test_a_connection_that_is_lost_between_any_two_steps_of_a_change_leaves_all_of_it_or_nothing(self):
        folder = tempfile.mkdtemp(prefix="waxseal-cut-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        cut = Cut(self.cluster.sockets / ".s.PGSQL.5432", folder)
        self.addCleanup(cut.close)
        self.site.configure(storage={"url": self.url().replace(str(self.cluster.sockets), folder)}, mail={"transport": "file"})
        self.site.prepare()
        outcomes = {}
        with Server(self.site) as server:
            for messages in range(1, 40):
                link = self.requested_link(server, f"new{messages}@site.example")
                before = self.rows("SELECT email FROM waxseal_account WHERE id = '1'")
                cut.messages_left = messages
                status, headers, _ = server.verify_email(link)
                reached_the_end = cut.messages_left is not None
                cut.messages_left = None
                now = self.rows("SELECT email FROM waxseal_account WHERE id = '1'")
                applied = self.rows("SELECT count(*) FROM waxseal_change WHERE outcome = 'applied' AND new_email = '" + link["email"] + "'")
                # A loss before the commit is made good unseen; one at the commit, too, for the change is not made twice.
                self.assertEqual((status, now, applied), (200, [[link["email"]]], [["1"]]), (messages, before))
                outcomes.setdefault(headers["Waxseal-Code"], []).append(messages)
                if reached_the_end:
                    break
            else:
                self.fail("a change takes more messages than this test cuts at")
        print(f"\ncut after each message of a change: {outcomes}")
        self.assertGreater(messages, 8)


if __name__ == "__main__":
    unittest.main()
