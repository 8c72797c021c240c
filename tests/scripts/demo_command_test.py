"""script/demo: how it starts, watches and stops the server, with a stand-in that answers /healthz."""

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
import unittest

from fake_tree import FakeTree

SERVER = f"""#!{sys.executable}
import http.server, os, re, signal, sys
with open(os.environ["CALLS"], "a") as calls:
    print(os.getpid(), *sys.argv[1:], file=calls)
if "serve" not in sys.argv:
    sys.exit(0)
mode = os.environ.get("MODE", "")
if mode == "dies":
    sys.exit("cannot start")
config = open(sys.argv[sys.argv.index("--config") + 1]).read()

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

def stop(*_):
    sys.exit(3 if mode == "stops badly" else 0)

signal.signal(signal.SIGTERM, stop)
port = int(re.search(r'listen = "127.0.0.1:(\\d+)"', config).group(1))
http.server.HTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""

NODE = '#!/bin/sh\necho "$@" >>"$CALLS"\nexit ${ROUND_TRIP:-0}\n'


class DemoCommand(unittest.TestCase):
    def setUp(self):
        self.tree = FakeTree(self)
        self.tree.program("build/release/server/waxseal", SERVER)
        self.tree.program("bin/node", NODE)
        self.calls_file = self.tree.root / "calls"
        self.command = str(self.tree.root / "script" / "demo")

    def environment(self, **variables):
        return self.tree.environment(CALLS=str(self.calls_file), **variables)

    def calls(self):
        return self.calls_file.read_text(encoding="utf-8").splitlines() if self.calls_file.exists() else []

    def check(self, *options, **variables):
        return subprocess.run(
            [self.command, "--exit-after-check", *options],
            capture_output=True, text=True, timeout=50, env=self.environment(**variables),
        )  # fmt: skip

    def assert_nothing_is_left_running(self):
        for call in self.calls():
            if " serve " in call:
                with self.assertRaises(ProcessLookupError, msg="the server outlived script/demo"):
                    os.kill(int(call.split()[0]), 0)

    def folders_left(self):
        demo = self.tree.root / "build" / "demo"
        return list(demo.iterdir()) if demo.is_dir() else []

    def test_a_check_that_goes_well_exits_0_and_leaves_nothing(self):
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"http://127\.0\.0\.1:\d+/")
        self.assert_nothing_is_left_running()
        self.assertEqual(self.folders_left(), [])

    def test_the_store_the_key_and_three_users_are_made_before_the_server_starts(self):
        self.check()
        words = [re.sub(r"^\d+ --config \S+ ", "", call) for call in self.calls()]
        self.assertEqual(sorted(words[:2]), ["key new", "migrate"])
        self.assertEqual(
            words[2:5],
            [
                "user add --id 1 --email ada@example.com",
                "user add --id 2 --email grace@example.com",
                "user add --id 3 --email linus@example.com",
            ],
        )
        self.assertRegex(words[5], r"^serve --demo --demo-pages .*/build/web-demo$")
        self.assertRegex(words[6], r"tests/e2e/round_trip\.mjs http://127\.0\.0\.1:\d+/$")

    def test_a_check_that_fails_gives_its_status_and_keeps_the_folder(self):
        self.assertEqual(self.check(ROUND_TRIP="4").returncode, 4)
        self.assert_nothing_is_left_running()
        self.assertEqual(len(self.folders_left()), 1)

    def test_a_server_that_does_not_start_is_shown_with_its_log(self):
        done = self.check(MODE="dies")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot start", done.stderr)

    def test_a_server_that_stops_badly_fails_the_check(self):
        self.assertEqual(self.check(MODE="stops badly").returncode, 1)

    def test_a_build_that_fails_is_shown_and_nothing_starts(self):
        self.tree.program("web-demo/build", "#!/bin/sh\necho no such page\nexit 1\n")
        done = self.check()
        self.assertEqual(done.returncode, 1)
        self.assertIn("no such page", done.stderr)
        self.assertEqual(self.calls(), [])

    def test_a_port_that_is_taken_is_said_so(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            done = self.check("--port", str(taken.getsockname()[1]))
        self.assertEqual(done.returncode, 1)
        self.assertIn("is taken", done.stderr)
        self.assertEqual(self.calls(), [])

    def test_the_port_asked_for_is_used(self):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.assertIn(f":{port}/", self.check("--port", str(port)).stdout)

    def test_ctrl_c_in_a_terminal_stops_it_cleanly(self):
        process, terminal = pty.fork()
        if process == 0:
            os.execve(self.command, [self.command], self.environment())
        self.read_until(terminal, b"Ctrl-C stops it")
        os.write(terminal, b"\x03")
        status = os.waitstatus_to_exitcode(self.wait_for(process))
        os.close(terminal)
        self.assertEqual(status, 0)
        self.assert_nothing_is_left_running()
        self.assertEqual(self.folders_left(), [])

    def test_a_server_that_is_killed_ends_the_demo_with_a_failure(self):
        with open(self.tree.root / "stderr", "w+", encoding="utf-8") as stderr:
            demo = subprocess.Popen([self.command], stdout=subprocess.DEVNULL, stderr=stderr, env=self.environment())
            self.poll(lambda: "Ctrl-C" in (self.tree.root / "stderr").read_text(encoding="utf-8"))
            os.kill(int(self.calls()[-1].split()[0]), signal.SIGKILL)
            self.assertEqual(demo.wait(timeout=30), 1)
        self.assertIn("ended by itself", (self.tree.root / "stderr").read_text(encoding="utf-8"))

    def poll(self, done, within_s=30):
        deadline = time.monotonic() + within_s
        while not done():
            self.assertLess(time.monotonic(), deadline, "waited too long")
            time.sleep(0.05)

    def read_until(self, terminal, words):
        seen = b""
        while words not in seen:
            seen += os.read(terminal, 4096)

    def wait_for(self, process):
        ended = []

        def has_ended():
            pid, status = os.waitpid(process, os.WNOHANG)
            ended.append(status)
            return pid != 0

        self.poll(has_ended)
        return ended[-1]


if __name__ == "__main__":
    unittest.main()
