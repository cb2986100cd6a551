"""CONTRIBUTING's list of files for a new layer is complete: one layer is followed through it."""

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tools" / "check"))
sys.dont_write_bytecode = True

from tree import Tree  # noqa: E402

ROOT = Path(__file__).parents[2]
# LayerNorm itself, not the operation where another layer uses it, nor an option of that name.
NAMES = re.compile(r"\bLayerNorm\b|layer_norm\.h|Var layer_norm\(")
SEEN = ("include/*.h", "src/model/*.h", "src/model/*.cpp", "src/nn/*.h", "src/nn/*.cpp")


def listed():
    """The files and folders that the section "Add a layer" names."""
    section = re.search(r"^## Add a layer\n(.*?)^## ", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.M | re.S)
    return re.findall(r"`((?:include|src|tests)/[\w./]+)`", section[1])


class AddALayer(unittest.TestCase):
    def setUp(self):
        self.tree = Tree(ROOT)

    def names_the_layer(self, path):
        return NAMES.search(self.tree.text(path)) is not None

    def test_each_place_on_the_list_knows_the_layer(self):
        places = [place for place in listed() if place != "tests/golden/"]
        self.assertGreater(len(places), 8)
        for place in places:
            files = [path for path in self.tree.paths if path == place or place.endswith("/") and path.startswith(place)]
            self.assertTrue(any(map(self.names_the_layer, files)), place)

    def test_no_other_file_does(self):
        # An application may use any layer.
        knowing = [path for path in self.tree.named(*SEEN)
                   if self.names_the_layer(path) and not path.startswith("include/rondo/tasks/")]
        self.assertEqual(set(knowing) - set(listed()), set())


if __name__ == "__main__":
    unittest.main()
