"""A running server against its own description, by schemathesis: whatever it is sent, it gives no answer that /openapi.json does
not describe, and none that is a failure of ours.

Left out are two of its checks: that data which fits the description is accepted (a link that is spelled well need not be
good), and that every other method is 405 (what HTTP itself forbids, a TRACE with a body, is 400)."""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

from waxseal_program import Server, SiteTest

SUPPORT = Path(__file__).resolve().parents[1] / "support"
PINS = Path(__file__).with_name("schemathesis.txt")
LONGEST_RUN_S = 120


def schemathesis():
    """Its path. Skips where it cannot be installed; fails there under CI=true."""
    done = subprocess.run([SUPPORT / "python_environment", "schemathesis", PINS], capture_output=True, text=True)
    if done.returncode == 0:
        return Path(done.stdout.strip()).with_name("schemathesis")
    if os.environ.get("CI") == "true":
        raise AssertionError(done.stderr)
    raise unittest.SkipTest(f"no schemathesis: {done.stderr}")


class OpenApiTest(SiteTest):
    @classmethod
    def setUpClass(cls):
        cls.program = schemathesis()

    def setUp(self):
        super().setUp()
        self.site.prepare()

    def run_against(self, server, document="", examples=50):
        """Its exit status and what it says. `document`: a file in place of the one that is served."""
        address = f"http://127.0.0.1:{server.port}"
        described = [document, "--url", address] if document else [f"{address}/openapi.json"]
        done = subprocess.run(
            [self.program, "run", *described, "--header", f"Authorization: Token {self.site.token}", "--no-color", "--warnings", "off",
             "--phases", "examples,coverage,fuzzing", "--generation-deterministic", "--max-examples", str(examples),
             "--exclude-checks", "positive_data_acceptance,unsupported_method"],
            capture_output=True, text=True, timeout=LONGEST_RUN_S, cwd=self.site.folder)
        return done.returncode, done.stdout + done.stderr

    def assert_nothing_found(self, server, **options):
        code, said = self.run_against(server, **options)
        summary = said[said.find("= SUMMARY ="):]
        print(f"\n{self.id()}\n{summary}", flush=True)
        self.assertEqual(code, 0, said)
        self.assertGreater(int(re.search(r"(\d+) generated", summary)[1]), 100, said)

    def test_no_answer_is_undescribed(self):
        self.site.configure(register_email={"undo_url": "https://site.example/undo-email/", "notify_old_address": True})
        with Server(self.site) as server:
            self.assert_nothing_found(server)

    def test_no_answer_is_undescribed_with_limits_and_without_verification(self):
        self.site.configure(limits={"per_user": "5/h"}, register_email={"verification_enabled": False}, server={"base_path": "/accounts"},
                            http={"non_field_errors_key": "non_field_errors"})
        with Server(self.site) as server:
            self.assert_nothing_found(server)

    def test_an_answer_that_is_not_described_would_be_found(self):
        with Server(self.site) as server:
            document = server.get("/openapi.json")
            del document["paths"]["/api/v1/accounts/verify-email/"]["post"]["responses"]["400"]
            file = self.site.folder / "openapi.json"
            file.write_text(json.dumps(document))
            code, said = self.run_against(server, document=str(file), examples=5)
        self.assertEqual(code, 1, said)
        self.assertIn("Undocumented status code", said)


if __name__ == "__main__":
    unittest.main()
