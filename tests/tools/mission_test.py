"""docs/mission.md has every row, and its links lead to files."""

import re
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "mission.md"
ROWS = {"N": 17, "P": 3, "L": 12, "A": 7, "I": 4}
LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]+)(#[^)\s]+)?\)")


def cells():
    """The cells of each row, by its name."""
    rows = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        found = re.match(r"\| ([A-Z]\d+) \|", line)
        if found:
            rows[found[1]] = [cell.strip() for cell in line.strip("|").split("|")][2:]
    return rows


def lessons():
    return sorted((ROOT / "docs" / "lessons").glob("*.md"))


class Mission(unittest.TestCase):
    def test_every_row_is_there(self):
        wanted = {f"{letter}{number}" for letter, count in ROWS.items() for number in range(1, count + 1)}
        self.assertEqual(set(cells()), wanted)

    def test_every_cell_says_where(self):
        for row, (test, page, example) in cells().items():
            for cell in (test, page):
                self.assertRegex(cell, r"^(\[.+\]\(.+\)|not yet)$", row)
            self.assertRegex(example, r"^(\[.+\]\(.+\)|`rondo .+`|not yet)$", row)

    def test_links_lead_to_files(self):
        for row, places in cells().items():
            for target, _ in LINK.findall(" ".join(places)):
                self.assertTrue((PAGE.parent / target).exists(), f"{row}: {target}")

    def test_every_lesson_is_there_in_both_languages(self):
        names = {path.name for path in lessons()}
        for name in names:
            other = name.replace(".zh.md", ".md") if name.endswith(".zh.md") else name.replace(".md", ".zh.md")
            self.assertIn(other, names)

    def test_both_languages_have_the_same_commands_and_links(self):
        for path in lessons():
            if path.name.endswith(".zh.md"):
                continue
            english = path.read_text(encoding="utf-8")
            chinese = path.with_name(path.name.replace(".md", ".zh.md")).read_text(encoding="utf-8")
            links = [{target.replace(".zh.md", ".md") for target, _ in LINK.findall(text)} for text in (english, chinese)]
            self.assertEqual(links[0], links[1], path.name)
            verbs = [re.findall(r"^rondo \w+", text, re.M) for text in (english, chinese)]
            self.assertEqual(verbs[0], verbs[1], path.name)

    def test_lessons_are_linked_from_the_first_page(self):
        linked = {target for target, _ in LINK.findall((ROOT / "docs/lessons/README.md").read_text(encoding="utf-8"))}
        for path in lessons():
            if not path.name.endswith(".zh.md") and path.name != "README.md":
                self.assertIn(path.name, linked)

    def test_links_of_lessons_lead_to_files(self):
        for path in lessons():
            for target, _ in LINK.findall(path.read_text(encoding="utf-8")):
                if not re.match(r"[a-z]+:", target):
                    self.assertTrue((path.parent / target).exists(), f"{path.name}: {target}")


if __name__ == "__main__":
    unittest.main()
