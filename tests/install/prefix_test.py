"""`cmake --install` into a folder of its own, and what others build on what is there."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

BUILD = os.environ["WAXSEAL_BUILD"]
SOURCE = Path(__file__).resolve().parents[2]
CONSUMER = Path(__file__).resolve().parent / "consumer"


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class PrefixTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._folder = tempfile.TemporaryDirectory(prefix="waxseal-install-")
        cls.addClassCleanup(cls._folder.cleanup)
        first = Path(cls._folder.name) / "first"
        run("cmake", "--install", BUILD, "--prefix", first)
        # Moved, so that whatever names the place of the installation shows itself.
        cls.prefix = first.rename(first.parent / "moved")
        [cls.config] = cls.prefix.rglob("waxseal-config.cmake")

    def build(self, source, name):
        build = Path(self._folder.name) / f"build-{name}"
        run("cmake", "-B", build, "-S", source, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        return build

    def test_the_program_runs_and_reads_nothing_of_the_build(self):
        self.assertRegex(run(self.prefix / "bin/waxseal", "version"), r"^waxseal \d+\.\d+\.\d+\n$")
        self.assertNotIn(str(SOURCE), run("strings", self.prefix / "bin/waxseal"))

    def test_the_manual_page_is_in_order_and_knows_every_command(self):
        page = self.prefix / "share/man/man1/waxseal.1"
        warnings = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, text=True,
                                  env={**os.environ, "MANPAGER": "cat", "LC_ALL": "C.UTF-8"})
        self.assertEqual(warnings.stderr, "")
        text = re.sub(r".\x08", "", warnings.stdout)
        commands = re.findall(r"^  (\w+) ", run(self.prefix / "bin/waxseal", "--help").split("Subcommands:")[1], re.MULTILINE)
        self.assertGreater(len(commands), 5)
        for command in commands:
            self.assertRegex(text, rf"(?m)^   {command}( \w+)?$")

    def test_nothing_is_written_outside_the_prefix(self):
        self.assertEqual(sorted(path.name for path in Path(self._folder.name).iterdir() if not path.name.startswith("build-")),
                         ["moved"])
        self.assertEqual(sorted(path.name for path in self.prefix.iterdir()), ["bin", "include", "lib", "share"])

    def test_find_package_gives_the_core(self):
        self.assertEqual(run(self.build(CONSUMER, "core") / "consumer"), "a@x.example\n")

    def test_find_package_gives_the_server(self):
        build = self.build(SOURCE / "examples/cpp-embed", "server")
        asked = subprocess.run([build / "cpp-embed"], capture_output=True, text=True)
        self.assertEqual((asked.returncode, asked.stderr), (2, "usage: cpp-embed WAXSEAL.TOML MAIL_FOLDER\n"))

    def test_pkg_config_gives_the_core(self):
        [folder] = {path.parent for path in self.prefix.rglob("waxseal-core.pc")}
        flags = run("pkg-config", "--cflags", "--libs", "waxseal-core", env={**os.environ, "PKG_CONFIG_PATH": str(folder)}).split()
        program = Path(self._folder.name) / "build-pkg-config"
        run("c++", CONSUMER / "main.cpp", *flags, "-o", program)
        self.assertEqual(run(program), "a@x.example\n")

    def test_every_public_header_stands_alone(self):
        headers = sorted((self.prefix / "include").rglob("*.hpp"))
        self.assertGreater(len(headers), 15)
        for header in headers:
            with self.subTest(header=str(header.relative_to(self.prefix))):
                run("c++", "-std=c++20", "-fsyntax-only", "-I", self.prefix / "include", "-x", "c++", header)

    def test_another_minor_version_is_not_taken(self):
        shutil.copytree(CONSUMER, Path(self._folder.name) / "build-newer-source")
        source = Path(self._folder.name) / "build-newer-source"
        lists = source / "CMakeLists.txt"
        lists.write_text(lists.read_text().replace("find_package(waxseal 0.1", "find_package(waxseal 99.1"))
        refused = subprocess.run(["cmake", "-B", str(source / "build"), "-S", str(source), f"-DCMAKE_PREFIX_PATH={self.prefix}"],
                                 capture_output=True, text=True)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("99.1", refused.stderr)


if __name__ == "__main__":
    unittest.main()
