"""The files that the checks look at, and how a fault is reported."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """Something wrong at a line of a file; line 0 stands for the whole file."""

    path: str
    line: int
    message: str

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"


class Tree:
    """The files under a root that belong to the project: tracked by git, or not yet but not ignored either."""

    def __init__(self, root):
        self.root = Path(root)
        if (self.root / ".git").exists():
            listed = subprocess.run(
                ["git", "-C", str(root), "ls-files", "-coz", "--exclude-standard"],
                check=True, capture_output=True).stdout.decode()
            names = listed.split("\0")
        else:
            names = [str(path.relative_to(self.root)) for path in self.root.rglob("*")]
        self.paths = sorted(name for name in set(names) if name and (self.root / name).is_file())
        self._texts = {}

    def named(self, *patterns):
        """The paths that match a pattern: "src/*.cpp" stands for every depth, a name without a star for itself."""
        return [path for path in self.paths if any(_matches(path, pattern) for pattern in patterns)]

    def text(self, path):
        """A file's text; bytes that are not UTF-8 are replaced."""
        if path not in self._texts:
            self._texts[path] = (self.root / path).read_text(encoding="utf-8", errors="replace")
        return self._texts[path]

    def lines(self, path):
        """Pairs of line number, from 1, and line."""
        return enumerate(self.text(path).split("\n"), 1)


def _matches(path, pattern):
    folder, star, suffix = pattern.partition("*")
    return path.startswith(folder) and path.endswith(suffix) if star else path == pattern
