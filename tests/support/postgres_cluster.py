#!/usr/bin/python3
"""PostgreSQL servers for tests: from Debian's packages, in temporary folders, run by nobody special.

    postgres_cluster.py start FILE   starts one in the background and writes its URL to FILE; exit 77 if PostgreSQL is absent
    postgres_cluster.py stop FILE    stops it again
    postgres_cluster.py hold FILE    start, then stop at the end of standard input

Other tests import `Cluster`. A server listens on a socket in its own folder, and on a port of 127.0.0.1 if it is asked to.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# initdb and postgres refuse to be run by root.
UNPRIVILEGED = "postgres"
LONGEST_WAIT_S = 60


def programs():
    """The folder of the newest version that is installed, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[4]))
    return found[-1].parent if found else None


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_postgres(command):
    return ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups", *command] if os.geteuid() == 0 else command


class Cluster:
    """One server. Its folder holds the data, its socket and its log."""

    def __init__(self, name="postgres", *, folder=None, durable=False, tcp=False, settings=()):
        """`durable`: whether what is committed outlives a crash; slower, and wanted only where that is tested."""
        self.folder = Path(folder or tempfile.mkdtemp(prefix="waxseal-pg-"))
        self.data = self.folder / name
        self.name = name
        self.log = self.folder / f"{name}.log"
        self.port = free_port() if tcp else 5432
        self.sockets = Path(tempfile.mkdtemp(prefix="s-", dir=self.folder))
        self.settings = {
            "listen_addresses": "'127.0.0.1'" if tcp else "''", "port": self.port, "unix_socket_directories": f"'{self.sockets}'",
            "fsync": "on" if durable else "off", "shared_buffers": "32MB", "max_connections": 100, "logging_collector": "off",
            "log_statement": "none", "cluster_name": f"'{name}'", "timezone": "'UTC'", **dict(settings)}
        if os.geteuid() == 0:
            owner = pwd.getpwnam(UNPRIVILEGED)
            for path in (self.folder, self.sockets):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self.process = None

    def tool(self, name, *arguments, **options):
        """Runs one of PostgreSQL's programs and returns what it printed."""
        done = subprocess.run(as_postgres([str(programs() / name), *map(str, arguments)]), text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=LONGEST_WAIT_S, cwd=self.folder, **options)
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stdout}")
        return done.stdout

    def create(self):
        self.tool("initdb", "-D", self.data, "-U", "waxseal", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
        return self

    def configure(self, **settings):
        """Read at the next start, or at `reload`."""
        self.settings.update(settings)
        (self.data / "postgresql.auto.conf").write_text("".join(f"{key} = {value}\n" for key, value in self.settings.items()))

    def start(self):
        self.configure()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(as_postgres([str(programs() / "postgres"), "-D", str(self.data)]), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, cwd=self.folder, start_new_session=True)
        self.wait_ready()
        return self

    def wait_ready(self):
        deadline = time.monotonic() + LONGEST_WAIT_S
        while subprocess.run([str(programs() / "pg_isready"), "-q", "-h", str(self.sockets), "-p", str(self.port)], check=False).returncode != 0:
            if self.process and self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not start: {self.log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def reload(self, **settings):
        self.configure(**settings)
        self.sql("SELECT pg_reload_conf()")

    def promote(self):
        self.tool("pg_ctl", "-D", self.data, "promote", "-w", "-t", LONGEST_WAIT_S)

    def standby(self, name, **settings):
        """A copy that follows this server, started. The caller makes it synchronous once it is there."""
        copy = Cluster(name, durable=self.settings["fsync"] == "on", tcp=self.settings["listen_addresses"] != "''", settings=settings)
        self.tool("pg_basebackup", "-h", self.sockets, "-p", self.port, "-U", "waxseal", "-D", copy.data, "-R", "-X", "stream", "-c", "fast",
                  "-C", "-S", f"slot_{name}")
        return copy.start()

    def kill(self):
        """SIGKILL of the server with all its processes, as when the machine goes."""
        os.killpg(self.process.pid, 9)
        self.process.wait(timeout=LONGEST_WAIT_S)

    def stop(self):
        """Ends the server at once and removes its folder."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(3)  # SIGQUIT: immediate shutdown
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database="waxseal", **parameters):
        """Over the socket."""
        more = "".join(f"&{key}={value}" for key, value in parameters.items())
        return f"postgresql:///{database}?host={self.sockets}&port={self.port}&user=waxseal{more}"

    def sql(self, statement, database="postgres"):
        """The rows as lists of texts."""
        done = subprocess.run([str(programs() / "psql"), "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", str(self.sockets), "-p",
                               str(self.port), "-U", "waxseal", "-d", database, "-c", statement], capture_output=True, text=True,
                              timeout=LONGEST_WAIT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]


def main(command, file):
    if command == "stop":
        if Path(file).exists():
            _, folder, process = Path(file).read_text().splitlines()
            subprocess.run(["kill", "-QUIT", process], check=False, stderr=subprocess.DEVNULL)
            shutil.rmtree(folder, ignore_errors=True)
            Path(file).unlink()
        return 0
    if programs() is None:
        print("SKIPPED: PostgreSQL is not installed: apt-get install postgresql")
        return 77
    main("stop", file)
    cluster = Cluster(settings={"max_connections": 400}).create().start()
    cluster.sql("CREATE DATABASE waxseal")
    unfinished = Path(f"{file}.new")
    unfinished.write_text(f"{cluster.url()}\n{cluster.folder}\n{cluster.process.pid}\n")
    unfinished.rename(file)
    if command == "hold":
        sys.stdin.read()
        cluster.stop()
        Path(file).unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
