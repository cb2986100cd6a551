"""Documents: links lead somewhere, paths in code quotes exist, and both READMEs give the same commands."""

import re
from pathlib import PurePosixPath

from tree import Fault

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_QUOTED_PATH = re.compile(r"`((?:src|include|apps|tests|tools|bench|cmake|docs|examples)/[\w./-]*\w/?)`")
_FENCE = re.compile(r"^\s*```(\w*)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_COMMENT = re.compile(r"\s*(?:#|//)\s.*$")  # a comment may be translated


def check(tree):
    """Faults of the Markdown files."""
    faults = []
    for path in tree.named("*.md"):
        faults += _link_faults(tree, path)
        if path != "CHANGELOG.md":  # which names what was there then
            faults += _path_faults(tree, path)
    if {"README.md", "README.zh.md"} & set(tree.paths):
        faults += _readme_faults(tree)
    return faults


def _link_faults(tree, path):
    faults = []
    for number, line in _prose(tree, path):
        for target in _LINK.findall(line):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = _normal(PurePosixPath(path).parent / name) if name else path
            if not (tree.root / file).exists():
                faults.append(Fault(path, number, f"link to {target}: there is no {file}"))
            elif anchor and file.endswith(".md") and anchor not in _anchors(tree, file):
                faults.append(Fault(path, number, f"link to {target}: {file} has no such heading"))
    return faults


def _path_faults(tree, path):
    return [Fault(path, number, f"there is no {name}")
            for number, line in _prose(tree, path) for name in _QUOTED_PATH.findall(line)
            if "NAME" not in name and not (tree.root / name).exists()]


def _normal(path):
    parts = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _prose(tree, path):
    """The lines outside code blocks."""
    fenced = False
    for number, line in tree.lines(path):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def _anchors(tree, path):
    """The anchors that a heading gets: lower case, punctuation dropped, blanks as hyphens."""
    headings = (_HEADING.match(line) for _, line in _prose(tree, path))
    return {re.sub(r"[^\w\- ]", "", heading[1].lower()).replace(" ", "-") for heading in headings if heading}


def _code(tree, path):
    """The code lines of a file without their comments, as pairs of line number and text."""
    fenced, lines = False, []
    for number, line in tree.lines(path):
        if _FENCE.match(line):
            fenced = not fenced
        elif fenced and _COMMENT.sub("", " " + line).strip():
            lines.append((number, _COMMENT.sub("", " " + line).strip()))
    return lines


def _readme_faults(tree):
    both = ("README.md", "README.zh.md")
    for path in both:
        if path not in tree.paths:
            return [Fault(path, 0, "missing beside the other README")]
    english, chinese = (_code(tree, path) for path in both)
    for (_, wanted), (number, got) in zip(english, chinese):
        if wanted != got:
            return [Fault(both[1], number, f"differs from README.md, which has: {wanted}")]
    if len(english) != len(chinese):
        return [Fault(both[1], 0, f"{len(chinese)} lines of code, README.md has {len(english)}")]
    return []
