"""A copy of script/ and tools/ in a tree of its own, where everything that they call is a small stand-in.

The commands are tested for what they do with the outcome of a build, a test run or a server. Building for real is the
business of whoever runs them.
"""

import os
import shutil
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


class FakeTree:
    def __init__(self, test_case):
        folder = tempfile.TemporaryDirectory()
        test_case.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for name in ("script", "tools"):
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
        self.program("script/bootstrap", "#!/bin/sh\nexit 0\n")
        self.program("web-demo/build", "#!/bin/sh\nexit 0\n")
        self.program("bin/cmake", "#!/bin/sh\nexit 0\n")

    def program(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755)

    def environment(self, **variables):
        kept = {name: value for name, value in os.environ.items() if name not in ("CI", "WAXSEAL_CACHE")}
        # The stand-ins come before the real programs, and no cache is there to bring its own.
        path = f"{self.root}/bin:{kept['PATH']}"
        return {**kept, "PATH": path, "WAXSEAL_CACHE": f"{self.root}/cache", **variables}
