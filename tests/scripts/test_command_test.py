"""script/test: what it makes of builds and test runs, with stand-ins for CMake and CTest."""

import subprocess
import unittest

from fake_tree import FakeTree

# Writes the results that the case put into $RESULTS, except where a label asks for a suite that does not exist.
CTEST = """#!/bin/bash
while [ $# -gt 0 ]; do
  case $1 in
    --preset) preset=$2 ;;
    --output-junit) file=$2 ;;
    --label-regex) label=$2 ;;
  esac
  shift
done
echo "$preset $label" >>"$CALLS"
[ -z "$LOGGED" ] || echo "$LOGGED" >>"$SERVER_LOGS/$preset.log"
case $label in *faults*) exit 8 ;; esac
echo "<testsuite>$RESULTS</testsuite>" >"$file"
case $RESULTS in *fail*) exit 8 ;; esac
exit ${CTEST_STATUS:-0}
"""

PASSED = '<testcase name="a" status="run"/>'
FAILED = '<testcase name="b" status="fail"><system-out>reason of b</system-out></testcase>'
SKIPPED = '<testcase name="c" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/><system-out>no browser</system-out></testcase>'


class TestCommand(unittest.TestCase):
    def setUp(self):
        self.tree = FakeTree(self)
        self.tree.program("bin/ctest", CTEST)

    def run_tests(self, *options, results=PASSED, **variables):
        calls = self.tree.root / "calls"
        calls.unlink(missing_ok=True)
        environment = self.tree.environment(RESULTS=results, CALLS=str(calls), **{"LOGGED": "listening", **variables})
        command = [self.tree.root / "script" / "test", *options]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
        done.calls = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
        return done

    def assert_summary(self, done, line, status):
        """Exactly one line on stdout."""
        self.assertEqual((done.stdout, done.returncode), (line + "\n", status), done.stderr)

    def test_everything_passed(self):
        # release, noexcept, asan and fuzz: one test each.
        self.assert_summary(self.run_tests(), "4 passed, 0 failed, 0 skipped", 0)

    def test_a_failed_test_fails_the_run_and_shows_its_output(self):
        done = self.run_tests(results=PASSED + FAILED)
        self.assert_summary(done, "4 passed, 4 failed, 0 skipped", 1)
        self.assertIn("failed: release: b\n    reason of b", done.stderr)

    def test_a_failed_build_counts_is_named_and_does_not_end_the_run(self):
        self.tree.program("bin/cmake", '#!/bin/sh\necho "log of $*"\n[ "$*" != "--build --preset release" ]\n')
        done = self.run_tests()
        self.assert_summary(done, "3 passed, 1 failed, 0 skipped", 1)
        self.assertIn("failed: build release", done.stderr)
        self.assertIn("log of --build --preset release", done.stderr)
        self.assertFalse([call for call in done.calls if call.startswith("release")], "tests of a build that failed ran")

    def test_a_failed_bootstrap_is_one_failure_and_no_pass(self):
        self.tree.program("script/bootstrap", "#!/bin/sh\nexit 1\n")
        self.assert_summary(self.run_tests(), "0 passed, 1 failed, 0 skipped", 1)

    def test_a_failed_web_demo_is_named(self):
        self.tree.program("web-demo/build", "#!/bin/sh\nexit 1\n")
        done = self.run_tests()
        self.assertEqual(done.returncode, 1)
        self.assertIn("failed: build web-demo", done.stderr)

    def test_skips_are_told_and_fail_only_in_ci(self):
        done = self.run_tests(results=PASSED + SKIPPED)
        self.assert_summary(done, "4 passed, 0 failed, 4 skipped", 0)
        self.assertIn("skipped: release: c: no browser", done.stderr)
        self.assert_summary(self.run_tests(results=PASSED + SKIPPED, CI="true"), "4 passed, 4 failed, 0 skipped", 1)

    def test_a_run_without_tests_is_not_green(self):
        self.assert_summary(self.run_tests(results=""), "0 passed, 4 failed, 0 skipped", 1)

    def test_a_failure_of_ctest_that_its_results_do_not_show_is_not_green(self):
        done = self.run_tests(CTEST_STATUS="9")
        self.assert_summary(done, "4 passed, 4 failed, 0 skipped", 1)
        self.assertIn("failed: test release: ctest ended with 9", done.stderr)

    def test_a_suite_that_does_not_exist_is_said_so(self):
        done = self.run_tests("--faults")
        self.assert_summary(done, "0 passed, 1 failed, 0 skipped", 1)
        self.assertIn("failed: test faults: no test ran", done.stderr)

    def test_a_server_that_logged_what_no_log_may_hold_fails_the_run(self):
        done = self.run_tests(LOGGED="mail sent to=ada@site.example")
        self.assert_summary(done, "4 passed, 1 failed, 0 skipped", 1)
        self.assertIn("release.log:1: full address: mail sent to=ada@site.example", done.stderr)
        self.assertIn("failed: scan of the logs", done.stderr)

    def test_a_run_whose_servers_logged_nothing_is_not_green(self):
        self.assert_summary(self.run_tests(LOGGED=""), "4 passed, 1 failed, 0 skipped", 1)

    def test_old_logs_are_not_scanned(self):
        self.run_tests(LOGGED="mail sent to=ada@site.example")
        self.assert_summary(self.run_tests(), "4 passed, 0 failed, 0 skipped", 0)

    def test_old_results_do_not_count(self):
        self.run_tests(results=FAILED)
        self.assert_summary(self.run_tests("--install"), "1 passed, 0 failed, 0 skipped", 0)

    def test_sanitizers_run_everything_under_asan_and_the_threads_under_tsan_and_fuzz(self):
        done = self.run_tests("--sanitizers")
        self.assert_summary(done, "3 passed, 0 failed, 0 skipped", 0)
        self.assertEqual(done.calls, ["asan ", "tsan ^server$", "fuzz "])

    def test_every_day_fuzzes_what_needs_no_server(self):
        self.assertIn("fuzz ^fuzz_core$", self.run_tests().calls)

    def test_all_is_every_suite(self):
        done = self.run_tests("--all")
        self.assertEqual(
            [call.split()[0] for call in done.calls],
            ["release", "noexcept", "asan", "tsan", "fuzz", "release", "release"],
        )


if __name__ == "__main__":
    unittest.main()
