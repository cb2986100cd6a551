"""What a task of ./dev quality measures: its rows, the columns of its table, and what a row depends on."""
import hashlib
import inspect
import json
import os
import pathlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).parents[2]


@dataclass(frozen=True)
class Column:
    """A score in the table: its key, its title, the factor and digits it is printed with, and whether more is better."""

    key: str
    title: str
    factor: float = 1
    digits: int = 2
    better: str = "higher"

    def value(self, record):
        """Of a kept row, in the unit of the table and its targets; None where it has no such score."""
        found = record["scores"].get(self.key, record.get(self.key))
        return None if found is None else self.factor * found

    def text(self, value):
        return "-" if value is None else f"{value:.{self.digits}f}"

    def reaches(self, value, target):
        if value is None:
            return False
        return value >= target if self.better == "higher" else value <= target


# What is measured of every row. A minute is one of two busy cores.
MEASURED = [Column("minutes", "minutes", digits=1, better="lower"),
            Column("processor_seconds", "processor s", digits=0, better="lower"),
            Column("memory_mb", "memory MB", digits=0, better="lower"),
            Column("model_mb", "model MB", digits=1, better="lower")]


@dataclass(frozen=True)
class Row:
    """A line of the table, measured once a seed.

    Without `measure` it is one training, `rondo train WORDS`; words that begin with {data}/ are files. `measure` takes a
    measure.Run and gives the scores, numbers by name; texts among them stand below the table.
    """

    name: str  # of letters, digits, . _ and -
    words: tuple = ()
    targets: Mapping = field(default_factory=dict)  # by the key of a column, in the table's unit
    measure: Callable = None
    reads: tuple = ()  # further files: {data}/..., or a path from the root of the project
    program: bool = True  # False: a baseline or another library, not measured again because rondo changed
    seeded: bool = True  # False: the same with every seed, so one is enough

    def __post_init__(self):
        if not re.fullmatch(r"[\w.-]+", self.name):
            raise ValueError(f"a row's name has letters, digits, . _ and - only, got {self.name!r}")

    def files(self):
        return [word for word in self.words if word.startswith("{data}/")] + list(self.reads)


@dataclass(frozen=True)
class Task:
    name: str
    rows: list
    columns: list

    def all_columns(self):
        return self.columns + MEASURED


@dataclass(frozen=True)
class Place:
    """Where the programs, the data and the working files of a session are, and the options given to every training."""

    rondo: pathlib.Path
    data: pathlib.Path
    work: pathlib.Path
    extra: tuple = ()

    def path(self, file):
        return self.data / file.removeprefix("{data}/") if file.startswith("{data}/") else ROOT / file

    def missing(self, row):
        """The first file of a row that is not there; None when all are."""
        return next((path for path in map(self.path, row.files()) if not path.is_file()), None)

    def programs(self):
        """What of rondo decides a result, by name."""
        plugins = [folder / "librondo_subword.so" for folder in (self.rondo.parent, self.rondo.parent.parent / "lib")]
        return {"program": self.rondo, **{"plug-in": path for path in plugins if path.is_file()}}


class Hashes:
    """SHA-256 of files' contents, remembered by size and time of change."""

    def __init__(self, path):
        self.path, self.known = path, {}
        try:
            self.known = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            pass  # computed again

    def of(self, file):
        name, state = str(file.resolve()), file.stat()
        stamp = [state.st_size, state.st_mtime_ns]
        if self.known.get(name, [None])[0] != stamp:
            with open(file, "rb") as content:
                self.known[name] = [stamp, hashlib.file_digest(content, "sha256").hexdigest()]
            self._keep()
        return self.known[name][1]

    def _keep(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        scratch.write_text(json.dumps(self.known), encoding="utf-8")
        scratch.replace(self.path)


def depends(row, place, hashes):
    """What a row's result depends on beside the seed, by name. OSError where a file is not there."""
    found = {f"file {file}": hashes.of(place.path(file)) for file in row.files()}
    found["words"] = [*row.words, *(place.extra if row.program else ())]
    if row.measure:
        found["measure"] = hashlib.sha256(inspect.getsource(row.measure).encode()).hexdigest()
    if row.program:
        found |= {name: hashes.of(path) for name, path in place.programs().items()}
        found |= {name: os.environ[name] for name in ("RONDO_ISA", "RONDO_THREADS") if name in os.environ}
    return found


def key_of(found):
    """A name for what `depends` found."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]


def changes(before, now):
    """Names of what differs between two results of `depends`."""
    return [name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)]
