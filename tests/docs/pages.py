"""The Markdown pages of the repository, as the tests of the docs read them."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pages():
    """Every Markdown file that was written here."""
    made = {"build", "node_modules"}
    found = (ROOT / folder / name for folder, folders, files in os.walk(ROOT) for name in files
             if name.endswith(".md") and not made.intersection((Path(folder) / name).relative_to(ROOT).parts))
    return sorted(found)


class Block:
    """A fenced block: where it stands, its language, its text, and the comments right above it.

    Comments say what a test does with it:
        file: NAME         it is written to that file
        needs: PATH        it runs only where that part of the build is there
        prints: WORDS      what it runs must print these words, in the order of the comments
        test: PATH         another test reads the page and runs it
        not run: REASON    nobody does
    """

    def __init__(self, page, number, comments, language, text):
        self.page, self.number, self.language, self.text = page, number, language, text
        self.marks = {}
        for comment in comments:
            name, _, value = comment.partition(": ")
            self.marks.setdefault(name, []).append(value)

    def mark(self, name):
        return self.marks.get(name, [None])[0]

    def __str__(self):
        return f"{self.page.relative_to(ROOT)}:{self.number}"


def blocks(page):
    """The fenced blocks of a page that name a language. Without one it is a picture in letters, not code."""
    found, comments, fence = [], [], None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        opened = re.fullmatch(r"( *)```(\w*)", line)
        if fence is None and opened:
            fence = (number, opened[2], [])
        elif fence is not None and line.strip() == "```":
            if fence[1]:
                found.append(Block(page, fence[0], comments, fence[1], "\n".join(fence[2]) + "\n"))
            fence, comments = None, []
        elif fence is not None:
            fence[2].append(line)
        elif comment := re.fullmatch(r"<!-- (.+) -->", line):
            comments.append(comment[1])
        else:
            comments = []
    assert fence is None, f"{page}: a block is not closed"
    return found


def anchors(page):
    """The names of a page's headings, as GitHub spells them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    names = {}
    for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        name = re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        names[name] = names.get(name, -1) + 1
    return {name if again == 0 else f"{name}-{again}" for name, count in names.items() for again in range(count + 1)}


def links(page):
    """Targets of the links and pictures of a page, outside code."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"`[^`\n]*`(?!\])", "", text)
    return re.findall(r"\]\(([^)\s]+)\)", text)
