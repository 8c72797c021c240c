"""Counts the instructions of an answer under valgrind, for the paths that a site under load is on.

Instructions, not seconds: the count is the same within one or two parts of a hundred, whatever else the machine does. A limit is
the count when it was written and a quarter more, for another machine has other variants of memcpy and of the field arithmetic of
Ed25519. Who needs more writes a new limit, and says in the commit what it is spent on.
"""

import os
import re
import subprocess
import unittest

PROGRAM = os.environ["HOT_PATHS"]
COUNT = 200
# Thousands of instructions an answer.
LIMITS = {"empty": 95, "altered": 475, "expired": 475, "verify": 815, "register": 820}


def instructions_of(kind):
    """Of one answer, in thousands."""
    done = subprocess.run(["valgrind", "--tool=callgrind", "--toggle-collect=answer_one", "--callgrind-out-file=/dev/null", PROGRAM, kind,
                           str(COUNT)], capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1)) / COUNT / 1000


class HotPathsTest(unittest.TestCase):
    def test_no_answer_costs_more_instructions_than_its_limit(self):
        for kind, limit in LIMITS.items():
            with self.subTest(kind=kind):
                count = instructions_of(kind)
                print(f"{kind}: {count:.0f} thousand instructions, limit {limit}", flush=True)
                self.assertLess(count, limit)
                self.assertGreater(count, limit / 2.5, "far below its limit: lower the limit, or it will not see a regression")


if __name__ == "__main__":
    unittest.main()
