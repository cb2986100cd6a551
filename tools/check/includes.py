"""Who may include whom: a module includes lower levels and itself only. This is the one table of levels."""

import re
from pathlib import PurePosixPath

from tree import Fault

LEVELS = {
    "base": 0, "kernels": 0,
    "runtime": 1,
    "tensor": 2,
    "autograd": 3, "data": 3, "sound": 3,
    "ops": 4, "wide": 4,
    "nn": 5, "optim": 5, "decode": 5,
    "train": 6,
    "model": 7,
    "inspect": 8,
    "tasks": 9,
    "apps": 10,
}

# The module that each public header belongs to; those in a folder belong where it does: layers/dense.h as layers.h.
PUBLIC = {
    "error": "base", "description": "base", "layers": "base", "options": "base", "version": "base",
    "runtime": "runtime",
    "tensor": "tensor", "forest": "tensor", "weight_type": "tensor",
    "autograd": "autograd", "sound": "sound", "data": "data", "text": "data",
    "ops": "ops", "blend_steps": "ops", "tree_ops": "ops", "crf": "ops", "ctc": "ops", "attention": "ops", "wide": "wide",
    "nn": "nn", "min_recurrent": "nn", "pooling": "nn", "tdnn": "nn", "trees": "nn", "parameters": "nn", "optim": "optim",
    "ctc_search": "decode",
    "train": "train", "callbacks": "train", "metrics": "train",
    "model": "model", "network": "model", "stream": "model",
    "inspect": "inspect",
    "tasks": "tasks",
    "rondo": "apps",  # all the others
}

# Programs beside the levels: examples see what a user sees; tests and benchmarks may include everything.
OUTSIDE = ("examples",)

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
STANDARD = re.compile(r"[a-z_0-9]+")  # the standard library's headers have neither a folder nor an ending


def check(tree):
    """Faults of the #include lines."""
    faults = []
    for path in tree.named("include/*.h", "src/*.h", "src/*.cpp", "apps/*.h", "apps/*.cpp", "examples/*.cpp"):
        module = module_of(path)
        if module is None:
            faults.append(Fault(path, 0, "belongs to no level: give it one in tools/check/includes.py"))
            continue
        for number, line in tree.lines(path):
            found = INCLUDE.match(line)
            message = found and _fault(path, module, found[1] == "<", found[2])
            if message:
                faults.append(Fault(path, number, message))
    return faults


def module_of(path):
    """The module of a file, by its folder or, for public headers, its name; None when unknown."""
    parts = PurePosixPath(path).parts
    if parts[0] == "include":
        return _public_module(PurePosixPath(*parts[1:]))
    module = parts[1] if parts[0] == "src" else parts[0]
    return module if module in LEVELS or module in OUTSIDE else None


def _public_module(header):
    """The module of rondo/NAME.h or rondo/NAME/....h; None when unknown."""
    return PUBLIC.get(PurePosixPath(header.parts[1]).stem) if header.parts[0] == "rondo" else None


def _fault(path, module, angled, name):
    if name.startswith("rondo/"):
        if not angled:
            return f"public headers are included as <{name}>"
        return _level_fault(module, _public_module(PurePosixPath(name)), name)
    if angled:
        public = path.startswith("include/")
        return f"<{name}> in a public header: only the standard library and rondo's" if (
            public and not STANDARD.fullmatch(name)) else None
    if path.startswith("include/") or module in OUTSIDE:
        return f'"{name}" is internal: only <rondo/...> can be included here'
    if path.startswith("apps/") and "/" not in name:
        return None  # the program's own
    return _level_fault(module, name.split("/")[0], name)


def _level_fault(module, other, name):
    if other not in LEVELS:
        return f"{name} belongs to no level: give it one in tools/check/includes.py"
    if module in OUTSIDE or module == other or LEVELS[other] < LEVELS[module]:
        return None
    return f"{module} (level {LEVELS[module]}) may not include {name} of {other} (level {LEVELS[other]})"
