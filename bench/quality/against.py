"""A classifier of a kept row beside another on the same test texts: by how many points it is ahead, and a paired bootstrap
(Efron & Tibshirani 1993) of whether it is behind."""
import json
import random

import beside
import fasttext
from measure import Failed

DRAWS = 2000


def right_of_rondo(run, row, rows):
    """For each text, whether the row's model of seed 1 gives its label."""
    model, file = beside.kept_model(run, row), run.folder / "texts"
    file.write_text("".join(raw[-1] + "\n" for _, raw, _ in rows), encoding="utf-8")
    printed = run.command("sh", "-c", f"'{{rondo}}' predict '{model}' --json < '{file}'")
    said = [json.loads(line)["label"] for line in printed.splitlines()]
    return right_of(rows, said, row)


def right_of_fasttext(run, row, rows):
    model = run.place.work / f"{row}-1" / "model.bin"
    if not model.exists():
        raise Failed(f"there is no {model}: measure {row} before")
    fasttext.write(run.folder / "texts", rows)
    return right_of(rows, fasttext.answers(run, model, run.folder / "texts"), row)


def right_of(rows, said, row):
    if len(said) != len(rows):
        raise Failed(f"{row}: wanted an answer for each of {len(rows)} texts, got {len(said)}")
    return [label == answer for (label, *_), answer in zip(rows, said, strict=True)]


def bootstrap(ours, theirs, draws=DRAWS):
    """The difference in points, and the share of draws of the texts in which we are not behind."""
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    draw, count = random.Random(1), len(differences)
    sums = [sum(draw.choices(differences, k=count)) for _ in range(draws)]
    return 100 * sum(differences) / count, sum(total >= 0 for total in sums) / draws


def measure(name, *where, **columns):
    """A row's `measure`; `where` and `columns` are those of the row of fastText on the same data."""

    def measured(run):
        folder, *files = where
        text = columns.get("text", 1)
        rows = [(label, [cells[text]], tokens)
                for label, cells, tokens in fasttext.parts_of(run.place.data / folder, *files, **columns)[2]]
        found, ours = {}, right_of_rondo(run, name, rows)
        for other, right in (("fasttext", right_of_fasttext), ("wide-only", right_of_rondo)):
            found[f"over_{other}"], found[f"level_{other}"] = bootstrap(ours, right(run, f"{name}-{other}", rows))
        return found

    return measured
