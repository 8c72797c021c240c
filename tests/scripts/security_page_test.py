"""SECURITY.md: every test that it names is there, and every test that guards against a threat is named."""

import re
import unittest

from repository_test import ROOT, repository_files, text_of

DEFINITIONS = {
    ".cpp": re.compile(r'TEST_CASE(?:_METHOD)?\(\s*(?:\w+,\s*)?((?:"(?:[^"\\]|\\.)*"\s*)+)', re.MULTILINE),
    ".py": re.compile(r"^ +def (test_\w+)\(", re.MULTILINE),
    ".mjs": re.compile(r'^test\("((?:[^"\\]|\\.)*)"', re.MULTILINE),
}


def defined_tests():
    names = {f"fuzz.{file.name}" for file in (ROOT / "tests" / "fuzz" / "corpus").iterdir()}
    for file in repository_files():
        definition = DEFINITIONS.get(file.suffix)
        if definition is None or "test" not in file.name:
            continue
        for name in definition.findall(text_of(file)):
            # Adjacent literals of C++ are one.
            names.add("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', name)) if file.suffix == ".cpp" else name)
    return names


def number_of(name):
    found = re.match(r"(?:threat |test_threat_)(\d+)", name)
    return int(found.group(1)) if found else None


class SecurityPage(unittest.TestCase):
    def setUp(self):
        """(what stands in the first column, the tests in the last one) of each row that names tests."""
        self.rows = []
        for line in (ROOT / "SECURITY.md").read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            tests = re.findall(r"`([^`]+)`", cells[-1])
            if line.startswith("| ") and tests:
                self.rows.append((cells[0], tests))

    def test_every_threat_names_tests_of_its_own(self):
        threats = [row for row in self.rows if row[0].isdecimal()]
        self.assertEqual([int(number) for number, _ in threats], list(range(1, 32)))
        for number, tests in threats:
            self.assertEqual([test for test in tests if number_of(test) != int(number)], [], f"row {number}")

    def test_every_test_that_is_named_exists(self):
        defined = defined_tests()
        self.assertEqual([test for _, tests in self.rows for test in tests if test not in defined], [])

    def test_every_test_of_a_threat_is_named(self):
        named = {test for _, tests in self.rows for test in tests}
        self.assertEqual([test for test in sorted(defined_tests()) if number_of(test) and test not in named], [])


if __name__ == "__main__":
    unittest.main()
