"""Files and functions a reader can hold in the head; exceptions are listed, with the reason, in docs/design.md."""

import ast
import re

import functions
from tree import Fault

FUNCTION_LINES = 60
SOURCE_LINES = 500
HEADER_LINES = 300
FILE_BYTES = 1 << 20

# A line of the list: "- `src/ops/softmax.cpp` `softmax_backward`: 72 lines, because ..."; without a function: the file.
_EXCEPTION = re.compile(r"^- `([^`]+)`(?: `([^`]+)`)?: (\d+) lines, \S")


def check(tree):
    """Faults of size, and exceptions that nothing needs any more."""
    allowed = _exceptions(tree)
    used = set()
    faults = []
    for path in tree.named("*.h", "*.cpp", "*.py", "*.sh", "*.cmake", "*CMakeLists.txt", "dev"):
        limit = HEADER_LINES if path.endswith(".h") else SOURCE_LINES
        sizes = [(None, 1, tree.text(path).count("\n"), limit)]
        sizes += [(function.name, function.first, function.length, FUNCTION_LINES)
                  for function in _functions(tree, path)]
        for name, line, length, limit in sizes:
            if length <= limit:
                continue
            used.add((path, name))
            if length > allowed.get((path, name), limit):
                what = f"function {name}" if name else "file"
                faults.append(Fault(path, line, f"{what} of {length} lines, at most {limit}; split it"))
    faults += [Fault("docs/design.md", 0, f"needless size exception: {path} {name or ''}".rstrip())
               for path, name in allowed if (path, name) not in used]
    faults += [Fault(path, 0, "larger than 1 MiB") for path in tree.paths
               if (tree.root / path).stat().st_size > FILE_BYTES]
    return faults


def _functions(tree, path):
    if path.endswith(".py"):
        return [functions.Function(node.name, node.lineno, node.end_lineno)
                for node in ast.walk(ast.parse(tree.text(path))) if isinstance(node, ast.FunctionDef)]
    if path.endswith((".h", ".cpp")):
        return functions.functions(tree.text(path))
    return []


def _exceptions(tree):
    if "docs/design.md" not in tree.paths:
        return {}
    found = (_EXCEPTION.match(line) for _, line in tree.lines("docs/design.md"))
    return {(entry[1], entry[2]): int(entry[3]) for entry in found if entry}
