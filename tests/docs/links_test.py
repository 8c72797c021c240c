"""Every link of every page leads somewhere, and whoever reads the README finds every page."""

import unittest

from pages import ROOT, anchors, links, pages


def inner_links(page):
    """(target, file or folder, fragment) of the links that stay in the repository."""
    for target in links(page):
        if target.startswith(("https://", "mailto:")):
            continue
        path, _, fragment = target.partition("#")
        yield target, (page.parent / path).resolve() if path else page, fragment


class LinksTest(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        checked = 0
        for page in pages():
            for target, place, fragment in inner_links(page):
                with self.subTest(page=str(page.relative_to(ROOT)), target=target):
                    checked += 1
                    self.assertTrue(place.exists(), "no such file")
                    self.assertTrue(place.is_relative_to(ROOT), "it leads out of the repository")
                    if fragment:
                        self.assertIn(fragment, anchors(place))
        self.assertGreater(checked, 50)

    def test_no_link_is_plain_http(self):
        for page in pages():
            with self.subTest(page=str(page.relative_to(ROOT))):
                self.assertEqual([target for target in links(page) if target.startswith("http://")], [])

    def test_every_page_of_docs_is_found_from_the_readme(self):
        seen, waiting = set(), [ROOT / "README.md"]
        while waiting:
            page = waiting.pop()
            if page in seen or page.suffix != ".md":
                continue
            seen.add(page)
            waiting += [place for _, place, _ in inner_links(page) if place.is_file()]
        of_docs = {page for page in pages() if page.is_relative_to(ROOT / "docs") or page.is_relative_to(ROOT / "examples")}
        self.assertEqual(sorted(str(page.relative_to(ROOT)) for page in of_docs - seen), [])


if __name__ == "__main__":
    unittest.main()
