"""Every fenced block of the pages: run as it stands there, run by another test that it names, or not run for a reason that it
names. Prints what became of each. The marks are in pages.py.

The blocks of one page are one shell, in one new folder, with the built program in PATH. Only the port is another one, and the
build that is tested stands in for the one in the checkout."""

import os
import shutil
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from pages import ROOT, blocks, pages

PROGRAM = Path(os.environ["WAXSEAL_PROGRAM"])
BUILD = os.environ["WAXSEAL_BUILD"]
LONGEST_RUN_S = 240


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fate(block):
    """file, run, test, not run or missing; and with what."""
    if block.mark("file"):
        return "file", block.mark("file")
    if block.mark("test"):
        return "test", block.mark("test")
    if block.mark("not run"):
        return "not run", block.mark("not run")
    if any(not (ROOT / part).exists() for part in block.marks.get("needs", [])):
        return "missing", ", ".join(block.marks["needs"])
    return ("run", "") if block.language == "sh" else ("nothing", "")


class PageRun:
    """One page's blocks, run."""

    def __init__(self, page):
        self.folder = Path(tempfile.mkdtemp(prefix="waxseal-page-"))
        self.port = free_port()
        script = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"]
        self.expected = []
        for block in blocks(page):
            kind, value = fate(block)
            if kind == "file":
                (self.folder / value).write_text(block.text.replace(":8080", f":{self.port}"))
            elif kind == "run":
                script.append(block.text.replace(":8080", f":{self.port}").replace('"$WAXSEAL/build/release"', f'"{BUILD}"'))
                self.expected += block.marks.get("prints", [])
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WAXSEAL_")}
        environment |= {"PATH": f"{PROGRAM.parent}:{environment['PATH']}", "WAXSEAL": str(ROOT),
                        "WAXSEAL_SERVER_LISTEN": f"127.0.0.1:{self.port}"}
        done = subprocess.run(["bash", "-m", "-c", "\n".join(script)], cwd=self.folder, env=environment, capture_output=True,
                              text=True, timeout=LONGEST_RUN_S, stdin=subprocess.DEVNULL)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)


class BlocksTest(unittest.TestCase):
    def test_every_block_has_its_fate(self):
        for page in pages():
            for block in blocks(page):
                kind, value = fate(block)
                print(f"{str(block):44} {block.language:7} {kind}{': ' if value else ''}{value}", flush=True)
                with self.subTest(block=str(block)):
                    self.assertNotEqual(kind, "nothing", "say by a comment above it what becomes of it: see tests/docs/pages.py")
                    self.assertLessEqual(set(block.marks), {"file", "needs", "prints", "test", "not run"})
                    if kind == "test":
                        self.assertIn(page.name, (ROOT / value).read_text(), f"{value} does not read the page")

    def test_what_can_run_works_as_it_stands_there(self):
        for page in pages():
            runs = [block for block in blocks(page) if fate(block)[0] == "run"]
            if not runs:
                continue
            with self.subTest(page=str(page.relative_to(ROOT))), PageRun(page) as run:
                self.assertEqual(run.code, 0, f"{run.out}\n{run.err}")
                place = 0
                for words in run.expected:
                    place = run.out.find(words, place)
                    self.assertNotEqual(place, -1, f"{words!r} is not printed, or not in this order:\n{run.out}\n{run.err}")

    def test_parts_of_the_build_that_pages_need_are_there(self):
        missing = {fate(block)[1] for page in pages() for block in blocks(page) if fate(block)[0] == "missing"}
        if missing and os.environ.get("CI") != "true":
            self.skipTest(f"not run for want of {', '.join(sorted(missing))}: cmake --workflow --preset wasm")
        self.assertEqual(missing, set())


if __name__ == "__main__":
    unittest.main()
