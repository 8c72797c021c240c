"""tools/count_tests, on files as ctest writes them."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

COUNT = Path(__file__).parents[2] / "tools" / "count_tests"

PASSED = '<testcase name="core: reads" status="run"><system-out>fine</system-out></testcase>'
FAILED = '<testcase name="core: writes" status="fail"><failure message=""/><system-out>1 == 2</system-out></testcase>'
SKIPPED = (
    '<testcase name="e2e: page" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/>'
    "<system-out>no browser here</system-out></testcase>"
)
NOT_BUILT = '<testcase name="core" status="notrun"><skipped message="Unable to find executable: core_tests"/></testcase>'
NODE_FAILED = (
    '<testcase name="wasm" status="fail"><system-out># tests 5\n# pass 5\n# fail FAILS\n# skipped 0\n</system-out></testcase>'
)
DISABLED = '<testcase name="core: later" status="disabled"><skipped message="Disabled"/></testcase>'


class CountTests(unittest.TestCase):
    def count(self, *cases):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "release.xml"
            file.write_text(f'<?xml version="1.0"?><testsuite>{"".join(cases)}</testsuite>', encoding="utf-8")
            return subprocess.run([sys.executable, COUNT, file], capture_output=True, text=True)

    def test_counts_each_outcome(self):
        done = self.count(PASSED, PASSED, FAILED, SKIPPED, DISABLED)
        self.assertEqual(done.stdout, "2 1 2\n")

    def test_a_test_whose_program_was_never_built_has_failed(self):
        done = self.count(PASSED, NOT_BUILT)
        self.assertEqual(done.stdout, "1 1 0\n")
        self.assertIn("Unable to find executable", done.stderr)

    def test_a_status_that_nobody_knows_has_failed(self):
        self.assertEqual(self.count('<testcase name="a" status="strange"/>').stdout, "0 1 0\n")

    def test_names_failures_with_their_output_and_skips_with_their_reason(self):
        done = self.count(PASSED, FAILED, SKIPPED)
        self.assertIn("failed: release: core: writes\n    1 == 2", done.stderr)
        self.assertIn("skipped: release: e2e: page: no browser here", done.stderr)
        self.assertNotIn("core: reads", done.stderr)

    def test_a_test_that_ran_node_counts_as_what_node_counted(self):
        output = "✔ shows the page\nℹ tests 7\nℹ pass 5\nℹ fail 0\nℹ cancelled 0\nℹ skipped 2\nℹ todo 0\n"
        done = self.count(f'<testcase name="e2e" status="run"><system-out>{output}</system-out></testcase>')
        self.assertEqual(done.stdout, "5 0 2\n")
        self.assertIn("skipped: release: e2e: 2 of the tests within", done.stderr)
        self.assertEqual(self.count(NODE_FAILED.replace("FAILS", "2")).stdout, "5 2 0\n")

    def test_a_runner_that_died_after_a_good_count_has_failed_once(self):
        self.assertEqual(self.count(NODE_FAILED.replace("FAILS", "0")).stdout, "5 1 0\n")

    def test_a_test_that_ran_unittest_counts_as_what_unittest_counted(self):
        for end, counts in (
            ("OK", "6 0 0\n"),
            ("OK (skipped=2)", "4 0 2\n"),
            ("FAILED (failures=1, errors=2, skipped=1)", "2 3 1\n"),
        ):
            status = "fail" if end.startswith("FAILED") else "run"
            output = f"......\n-----\nRan 6 tests in 0.100s\n\n{end}\n"
            done = self.count(f'<testcase name="a" status="{status}"><system-out>{output}</system-out></testcase>')
            self.assertEqual(done.stdout, counts)

    def test_a_file_that_is_missing_or_broken_holds_no_test(self):
        done = subprocess.run([sys.executable, COUNT, "/nonexistent.xml"], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, "0 0 0\n"))


if __name__ == "__main__":
    unittest.main()
