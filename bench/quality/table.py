"""The table of kept rows."""
import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """The kept results of a row: one record a seed, all of one key."""

    row: object
    records: list
    present: bool  # of the program, data and options that are there now

    def mean(self, column):
        values = self._values(column)
        return statistics.mean(values) if values else None

    def spread(self, column):
        """Largest less smallest."""
        values = self._values(column)
        return max(values) - min(values) if values else None

    def reached(self, columns):
        """Whether every target is reached; None for a row without targets."""
        if not self.row.targets:
            return None
        return all(column.reaches(self.mean(column), self.row.targets[column.key])
                   for column in columns if column.key in self.row.targets)

    def _values(self, column):
        values = [column.value(record) for record in self.records]
        return [value for value in values if value is not None]


def group(row, seeds, records, key, older):
    """The newest record of each seed that has this key or, if there is none and `older`, the key of the newest record; None
    where nothing is kept. Records come oldest first; without `seeds`, all count."""
    matching = [record for record in records
                if record["name"] == row.name and (seeds is None or record["seed"] in seeds)]
    if older and matching and all(record["key"] != key for record in matching):
        shown = matching[-1]["key"]
    else:
        shown = key
    newest = {record["seed"]: record for record in matching if record["key"] == shown}
    return Group(row, [newest[seed] for seed in sorted(newest)], shown == key) if newest else None


def markdown(task, groups):
    """The table, what its rows come from, and the texts among the scores."""
    columns = task.all_columns()
    targeted = {key for found in groups for key in found.row.targets}
    titles = ["data", "seeds"]
    for column in columns:
        titles += [column.title] + (["target"] if column.key in targeted else [])
    titles += ["commit", "reached"]
    lines = [_line(titles), "|" + "---|" * len(titles)]
    for found in groups:
        words = {True: "yes", False: "no", None: "-"}
        cells = [found.row.name, ", ".join(str(record["seed"]) for record in found.records)]
        for column in columns:
            cells += [_score(found, column)] + ([_target(found, column)] if column.key in targeted else [])
        lines.append(_line([*cells, _commits(found), words[found.reached(columns)]]))
    return "\n".join([*lines, "", *_legend(groups), *_texts(groups)])


def as_json(task, groups):
    """What the table shows, and the kept rows that it was made of."""
    columns = task.all_columns()
    return [{"name": found.row.name, "present": found.present, "seeds": [record["seed"] for record in found.records],
             "mean": {column.key: found.mean(column) for column in columns},
             "spread": {column.key: found.spread(column) for column in columns},
             "targets": dict(found.row.targets), "reached": found.reached(columns), "rows": found.records}
            for found in groups]


def _line(cells):
    return "| " + " | ".join(cells) + " |"


def _score(found, column):
    text = column.text(found.mean(column))
    if column.key in found.records[0]["scores"] and len(found.records) > 1:
        text += f" ± {column.text(found.spread(column) / 2)}"
    timed = column.key in ("minutes", "processor_seconds")
    return "≥ " + text if timed and any(record["lower_bound"] for record in found.records) else text


def _target(found, column):
    target = found.row.targets.get(column.key)
    return "-" if target is None else f"{'≥' if column.better == 'higher' else '≤'} {target:g}"


def _commits(found):
    names = dict.fromkeys(record["commit"][:7] + ("+" if record["dirty"] else "") for record in found.records)
    return ", ".join(names) + ("" if found.present else " (older)")


def _legend(groups):
    processors = {}
    for found in groups:
        for record in found.records:
            machine = f"{record['processor']}, {record['processors']} processors"
            processors.setdefault(machine, {})[found.row.name] = None
    if len(processors) > 1:
        lines = [f"{', '.join(names)}: {machine}." for machine, names in processors.items()]
    else:
        lines = [f"{machine}." for machine in processors]
    if any(record["dirty"] for found in groups for record in found.records):
        lines.append("+: with changes that were not committed.")
    if any(not found.present for found in groups):
        lines.append("(older): measured with another program, other data or other options than are there now.")
    if any(record["lower_bound"] for found in groups for record in found.records):
        lines.append("≥: a part of the training was killed before its time was known.")
    return lines


def _texts(groups):
    lines = []
    for found in groups:
        scores = found.records[0]["scores"]
        lines += [f"\n{found.row.name}, {name}: {text}" for name, text in scores.items() if isinstance(text, str)]
    return lines
