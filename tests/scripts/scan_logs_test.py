"""tools/scan_logs: what it finds in a log, what it leaves alone, and that it is never blind without saying so."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "scan_logs"

FORBIDDEN = {
    "signature, token or key": [
        "path=/verify?signature=lmHh-Wka5FfjXOVYhG-PHsoLV9vOZmIQlS4XAmHYbnM",  # django
        'reason="AYM2rJ0AAAABAAAAAAAAAACzqXc6yq0ZyQXPrg3dO8qBd5sYd8mLw1vNzGgkP5wnqWl0bGUgd2F4IHNlYWwgdGVzdCBzaWduYXR1cmU"',  # ed25519
        "user=1 token=0123456789abcdef0123456789abcdef01234567",
    ],
    "JWT": ["bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"],
    "credential of a request": ["header=\"Authorization: Token a1b2c3d4e5f6\"", "Bearer 0123456789abcdef"],
    "secret": ["login waxseal a-password-that-nobody-may-see", "whsec_AAECAwQFBgc", "-----BEGIN PRIVATE KEY-----"],
    "full address": ["to=ada@site.example", "path=/?email=ada%40site.example", 'reason="550 <bob@x.example> unknown"'],
}
ALLOWED = [
    "2026-01-01T00:00:00.000Z info    listening address=http://127.0.0.1:8080",
    "request id=0123456789abcdef0123456789abcdef method=POST path=/api/v1/accounts/verify-email/ status=200 code=verified",
    "mail sent account=1 to=a***@site.example",
    "keys read again verifying=2",
    "jwt: expired token refused",
]


class ScanLogs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def scan(self, *lines, tool=TOOL):
        (self.folder / "a.log").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return subprocess.run([sys.executable, "-B", tool, self.folder], capture_output=True, text=True, timeout=30)

    def test_what_no_log_may_hold_is_found_and_shown_with_its_place(self):
        for kind, lines in FORBIDDEN.items():
            for line in lines:
                with self.subTest(line=line):
                    done = self.scan(ALLOWED[0], line)
                    self.assertEqual(done.returncode, 1)
                    self.assertIn(f"a.log:2: {kind}: {line}", done.stdout)

    def test_what_a_log_says_otherwise_is_left_alone(self):
        done = self.scan(*ALLOWED)
        self.assertEqual((done.returncode, done.stdout), (0, "0 findings in 5 lines of log; of 5 planted ones all were found\n"))

    def test_logs_without_a_line_prove_nothing(self):
        done = self.scan()
        self.assertEqual(done.returncode, 1)
        self.assertIn("nothing was logged", done.stderr)

    def test_a_scan_that_misses_what_was_planted_fails(self):
        blind = self.folder / "scan_logs"
        blind.write_text(TOOL.read_text(encoding="utf-8").replace("(?:@|%40)", "(?:#|%40)"), encoding="utf-8")
        logs = self.folder / "logs"
        logs.mkdir()
        self.folder = logs
        done = self.scan(*ALLOWED, tool=blind)
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not find what was planted: full address", done.stderr)


if __name__ == "__main__":
    unittest.main()
