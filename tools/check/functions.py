"""Finds the functions of a C++ file and their lengths, without a compiler.

It follows braces and looks at the text before each one. That is enough for code laid out by clang-format; a
construct it does not know is passed over, never counted twice.
"""

import re
from dataclasses import dataclass

_NOISE = re.compile(
    r'R"(?P<tag>[^\s()\\]{0,16})\(.*?\)(?P=tag)"'  # raw strings
    r"|//[^\n]*|/\*.*?\*/"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"  # characters, but not the ' in 1'000
    r"|^[ \t]*#(?:\\\n|[^\n])*",
    re.DOTALL | re.MULTILINE)
_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
_MEMBER_INITIALISER = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)")
_BEFORE = re.compile(r"(?:\s|\b(?:public|protected|private)\s*:)*")
_NAME = re.compile(r"([\w:~]+|operator\s*[^\s\w(]+|operator\s*\(\s*\))\s*\(")


@dataclass(frozen=True)
class Function:
    """A function's name and its first and last line."""

    name: str
    first: int
    last: int

    @property
    def length(self):
        return self.last - self.first + 1


def without_noise(text):
    """The text with comments, literals and directives blanked; lines and offsets stay."""
    return _NOISE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def functions(text):
    """The functions with a body in a file's text, in order; lambdas count with the function around them."""
    text = without_noise(text)
    found = []
    start = position = 0  # where the text before the next brace begins, and where we are
    while position < len(text):
        char = text[position]
        if char in ";}":
            start = position + 1
        elif char == "{":
            head = text[start:position]
            kind = _kind(head)
            if kind == "scope":
                start = position + 1
            else:
                end = _closing(text, position)
                if kind == "function":
                    found.append(_function(text, start, end))
                    start = end + 1
                position = end
        position += 1
    return found


def _kind(head):
    """What a brace opens, from the text before it: a scope, a function, or a value."""
    if head.count("(") > head.count(")"):
        return "value"  # an argument
    bare = _without_brackets(head)
    if re.search(r"(?<![=!<>])=(?!=)", bare) and "operator" not in bare:
        return "value"
    if "(" not in bare:
        return "scope" if _SCOPE.search(bare) else "value"
    if _MEMBER_INITIALISER.search(bare) and re.search(r"[\w>]\s*$", head):
        return "value"  # a_{1} in a constructor
    return "function"


def _without_brackets(head):
    """Empties (...) and drops <...>, [[...]] and alignas(...), whose insides may hold anything."""
    head = re.sub(r"\[\[.*?\]\]", " ", head, flags=re.DOTALL)
    previous = None
    while previous != head:
        previous = head
        head = re.sub(r"\([^()]+\)", "()", head)
        head = re.sub(r"<[^<>;]*>|\balignas\s*\(\)", " ", head)
    return head


def _closing(text, opening):
    depth = 0
    for position in range(opening, len(text)):
        if text[position] == "{":
            depth += 1
        elif text[position] == "}":
            depth -= 1
            if depth == 0:
                return position
    return len(text) - 1


def _function(text, start, end):
    first = _BEFORE.match(text, start).end()
    name = _NAME.search(text, first, end)
    return Function(name[1].strip() if name else "?", text.count("\n", 0, first) + 1,
                    text.count("\n", 0, end) + 1)
