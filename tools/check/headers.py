"""Public headers: no macros, #pragma once, the namespace opened with default visibility, a comment on top."""

import re

import functions
from tree import Fault

NAMESPACE = 'namespace [[gnu::visibility("default")]] rondo'
_UNMARKED = re.compile(r"^namespace rondo\b")


def check(tree):
    """Faults of the headers in include/rondo, and what they share with the internal ones."""
    faults = []
    for path in tree.named("*.h"):
        text = tree.text(path)
        # A header that is compiled once for each instruction set has Highway's own guard.
        if "#pragma once" not in text and "HWY_TARGET_TOGGLE" not in text:
            faults.append(Fault(path, 1, "no #pragma once"))
        if not text.lstrip().startswith("//"):
            faults.append(Fault(path, 1, "no comment on top that says what the header is for"))
        if path.startswith("include/rondo/"):
            faults += _public_faults(tree, path)
    return faults


def _public_faults(tree, path):
    faults = []
    code = functions.without_noise(tree.text(path)).split("\n")
    for number, line in tree.lines(path):
        if re.match(r"\s*#\s*define\b", line):
            faults.append(Fault(path, number, "a macro in a public header"))
        if _UNMARKED.match(code[number - 1]):
            faults.append(Fault(path, number, f"hidden from users: write {NAMESPACE}"))
        if re.match(r"\s*using\s+namespace\b", code[number - 1]):
            faults.append(Fault(path, number, "using namespace in a public header"))
    return faults
