"""Checks of the source tree that need no build: python3 tools/check [ROOT]. Exit status 1 when something is wrong."""

import sys

import documents
import headers
import includes
import leftovers
import sizes
from tree import Tree


def main(arguments):
    tree = Tree(arguments[0] if arguments else ".")
    faults = [fault for part in (includes, headers, sizes, documents, leftovers) for fault in part.check(tree)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
