"""fastText 0.9.2 (Debian's `fasttext`) on labelled text, as a row beside rondo's: the best of a grid, chosen on validation.

Words of Latin script are lower-cased and cut from punctuation, Chinese characters stand alone, as its tutorial does by hand;
bigrams take the place of words there.
"""
import itertools
import lzma
import random
import re
import time
from collections import Counter
from pathlib import Path

from measure import Failed

# Rate, epochs and the longest n-gram; 100 numbers a word, its default, and 200 000 n-grams: two million of them (its default)
# would make every model 800 MB.
GRID = list(itertools.product(("0.1", "0.25", "0.5"), ("5", "25"), ("1", "2", "3")))
TOKEN = re.compile(r"[a-z']+|[0-9]+|[^\s\w]|\w", re.IGNORECASE)


def rows_of(file, label, text):
    opened = lzma.open if file.suffix == ".xz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        return [(row[label], row, " ".join(TOKEN.findall(row[text].lower())))
                for row in (line.rstrip("\n").split("\t") for line in lines)]


def parts_of(folder, train, valid, test, label=0, text=1, fold=None):
    """Rows for training, validation and test. Without a validation file, a tenth is drawn with a fixed seed."""
    rows = rows_of(folder / train, label, text)
    if fold is not None:
        column, of_valid, of_test = fold
        parts = [[row for row in rows if row[1][column] not in (of_valid, of_test)]]
        return parts + [[row for row in rows if row[1][column] == value] for value in (of_valid, of_test)]
    if valid:
        held_out = rows_of(folder / valid, label, text)
    else:
        random.Random(1).shuffle(rows)
        rows, held_out = rows[len(rows) // 10:], rows[:len(rows) // 10]
    return rows, held_out, rows_of(folder / test, label, text)


def write(file, rows):
    file.write_text("".join(f"__label__{label} {text}\n" for label, _, text in rows), encoding="utf-8")


def answers(run, model, file):
    return [line.removeprefix("__label__") for line in run.command("fasttext", "predict", str(model), str(file)).split()]


def accuracy(rows, said):
    return sum(label == answer for (label, *_), answer in zip(rows, said, strict=True)) / len(rows)


def macro_f1(rows, said):
    right, given, wanted = Counter(), Counter(said), Counter(label for label, *_ in rows)
    right.update(label for (label, *_), answer in zip(rows, said, strict=True) if label == answer)
    return sum(2 * right[label] / (given[label] + wanted[label]) for label in wanted) / len(wanted)


def measure(*where, **columns):
    """A row's `measure`: `where` is the folder of the data, and the files for training, validation and test."""

    def measured(run):
        folder, *files = where
        parts = parts_of(Path(run.place.data) / folder, *files, **columns)
        for name, rows in zip(("train", "valid", "test"), parts, strict=True):
            write(run.folder / name, rows)
        best = max((accuracy(parts[1], answers(run, model, run.folder / "valid")), -number, setting)
                   for number, setting in enumerate(GRID) for model in [fit(run, setting)])
        # What counts is the chosen training, not the search for it.
        run.spent |= {"processor_seconds": 0, "memory_mb": None}
        model = fit(run, best[2])
        begin = time.monotonic()
        said = answers(run, model, run.folder / "test")
        seconds = time.monotonic() - begin
        if len(said) != len(parts[2]):
            raise Failed(f"wanted an answer for each of {len(parts[2])} texts, got {len(said)}")
        return {"accuracy": accuracy(parts[2], said), "macro_f1": macro_f1(parts[2], said),
                "lines_per_second": len(said) / seconds, "model_mb": model.stat().st_size / 1e6,
                "setting": "rate {}, {} epochs, n-grams to {}".format(*best[2])}

    return measured


def fit(run, setting):
    """The model's file. One thread, because with more its result differs from run to run."""
    rate, epochs, longest = setting
    run.command("fasttext", "supervised", "-input", "{folder}/train", "-output", "{folder}/model", "-lr", rate, "-epoch", epochs,
                "-wordNgrams", longest, "-bucket", "200000", "-thread", "1")
    return run.folder / "model.bin"
