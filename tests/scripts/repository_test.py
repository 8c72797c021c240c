"""What every file of the repository keeps to, whoever wrote it."""

import json
import os
import re
import subprocess
import unittest
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def repository_files():
    """What git tracks or would add. An unpacked archive has no git: there, everything but what is built."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True
    )
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        files = [file for file in ROOT.rglob("*") if not {"build", "node_modules"} & set(file.relative_to(ROOT).parts)]
    return [file for file in files if file.is_file() and not file.is_symlink()]


def text_of(file):
    """None if the file is no text."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def shell_scripts():
    return [file for file in repository_files() if re.match(r"#!.*\b(ba)?sh\b", (text_of(file) or "")[:80])]


def places_of_this_machine():
    """Where the repository and its owner live, if that is more than a word that any text may hold."""
    places = {str(ROOT), os.path.expanduser("~")}
    return [place for place in places if place.count("/") >= 2]


class Portable(unittest.TestCase):
    def refuse(self, pattern, files):
        found = []
        for file in files:
            for number, line in enumerate((text_of(file) or "").splitlines(), 1):
                if pattern.search(line):
                    found.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
        self.assertEqual(found, [])

    def test_there_are_files_to_look_at(self):
        self.assertIn(ROOT / "script" / "test", repository_files())

    def test_no_file_names_a_place_of_one_machine(self):
        places = "|".join(re.escape(place) for place in places_of_this_machine())
        # Spelled so that this line does not match itself.
        homes = r"(?<![\w.])/(home|Users)/[a-z]|(?<![\w.])/root/[\w.]"
        self.refuse(re.compile(f"{homes}|({places})(?![\\w-])" if places else homes), repository_files())

    def test_no_file_names_a_package_registry(self):
        hosts = re.compile(r"registry\.(npm|yarn)|npmmirror\.|://pypi\.|files\.pythonhosted|static\.crates\.")
        self.refuse(hosts, [file for file in repository_files() if file != Path(__file__)])

    def test_lock_files_say_what_to_install_but_not_from_where(self):
        locks = [file for file in repository_files() if file.name == "package-lock.json"]
        self.assertNotEqual(locks, [])
        for lock in locks:
            packages = json.loads(text_of(lock))["packages"]
            with self.subTest(lock=str(lock.relative_to(ROOT))):
                self.assertEqual([name for name, package in packages.items() if "resolved" in package], [])
                bare = [
                    name
                    for name, package in packages.items()
                    if name and not package.get("integrity") and not package.get("link") and not package.get("inBundle")
                ]
                self.assertEqual(bare, [], "packages without a hash")


class Scripts(unittest.TestCase):
    def test_every_shell_script_parses(self):
        scripts = shell_scripts()
        self.assertIn(ROOT / "script" / "test", scripts)
        for script in scripts:
            with self.subTest(script=str(script.relative_to(ROOT))):
                done = subprocess.run(["bash", "-n", script], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_file_with_an_interpreter_can_be_run(self):
        for file in repository_files():
            if (text_of(file) or "").startswith("#!"):
                with self.subTest(file=str(file.relative_to(ROOT))):
                    self.assertTrue(os.access(file, os.X_OK))

    def test_the_packages_are_named_once_each(self):
        lines = (ROOT / "script" / "packages.txt").read_text(encoding="utf-8").splitlines()
        names = [line for line in lines if line and not line.startswith("#")]
        self.assertEqual(sorted(names), sorted(set(names)))
        for name in names:
            self.assertRegex(name, r"^[a-z0-9][a-z0-9.+-]+$")


class Commands(unittest.TestCase):
    """Nothing here installs, builds or starts anything: every command reads its arguments first."""

    COMMANDS = ("bench", "bootstrap", "demo", "format", "fuzz", "test")

    def run_command(self, name, *arguments):
        return subprocess.run([ROOT / "script" / name, *arguments], capture_output=True, text=True, timeout=30)

    def test_help_explains_each_command(self):
        for name in self.COMMANDS:
            with self.subTest(command=name):
                done = self.run_command(name, "--help")
                self.assertEqual(done.returncode, 0)
                self.assertIn(f"script/{name}: ", done.stdout)

    def test_an_unknown_option_is_misuse(self):
        for name in self.COMMANDS:
            with self.subTest(command=name):
                done = self.run_command(name, "--no-such-option")
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn("script/", done.stderr)

    def test_a_port_that_is_none_is_misuse(self):
        for port in ("", "x", "-1", "65536", "80a"):
            with self.subTest(port=port):
                self.assertEqual(self.run_command("demo", "--port", port).returncode, 2)


    def test_fuzzing_without_a_limit_or_of_no_target_is_misuse(self):
        for arguments in ([], ["0"], ["x"], ["-5"], ["1.5"], ["5", "nonsense"], ["5", ""], ["--runs"], ["--runs", "0"],
                          ["--runs", "5", "nonsense"]):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.run_command("fuzz", *arguments).returncode, 2)


if __name__ == "__main__":
    unittest.main()
