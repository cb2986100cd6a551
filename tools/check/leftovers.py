"""What must not stay behind: notes to oneself, and paths of one machine."""

import re

from tree import Fault

_NOTES = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
_MACHINE = re.compile(r"(?<![\w.*}$)-])/(?:work|farm|tmp|root|home)/\w")
_MANGLED = re.compile(r"^\}\s*// namespace gnu::")


def check(tree):
    """Faults in any text file of the project."""
    faults = []
    for path in tree.paths:
        if path == "LICENSE" or b"\0" in (tree.root / path).read_bytes()[:8192]:
            continue
        for number, line in tree.lines(path):
            if _NOTES.search(line):
                faults.append(Fault(path, number, "a note to oneself: do it or drop it"))
            if _MACHINE.search(line):
                faults.append(Fault(path, number, "a path of one machine"))
            if _MANGLED.search(line):
                faults.append(Fault(path, number, "write: }  // namespace rondo"))
    return faults
