"""The command line that all tasks of ./dev quality share."""
import argparse
import json
import os
import pathlib
import signal
import sys

import table
from measure import Failed, alone, measure_row
from rows import Hashes, Place, changes, depends, key_of
from store import Store

USAGE = """Trains on public data sets and prints test scores with their targets, one line per row: the mean over the seeds ± half of
their range (largest - smallest).

Every finished row is kept in a file. A row runs only if none is kept for the same program, data and options. An interrupted
row continues. A minute is 120 processor seconds: one minute of two busy cores. Exit status 1: a target is missed, or a row
failed."""


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Session:
    """One call of the command for one task."""

    def __init__(self, task, options):
        self.task, self.options = task, options
        self.store = Store(options.store or options.work / f"{task.name}.jsonl")
        self.hashes = Hashes(options.work / "hashes.json")
        # Absolute, because lists that a row writes name their files from the list's own folder.
        self.place = Place(options.rondo.absolute(), options.data, options.work.absolute() / "runs" / task.name,
                           tuple(options.extra))

    def chosen(self):
        """Pairs of a row and its seeds; no seeds: all that are kept."""
        default = self.options.seeds or (None if self.options.table else 3)
        seeds = None if default is None else list(range(1, default + 1))
        asked = dict(self.options.only)
        return [(row, asked.get(row.name) or (seeds if row.seeded else [1])) for row in self.task.rows
                if not asked or row.name in asked]

    def run(self):
        """Runs what is not kept; how many rows failed."""
        failed = 0
        for row, seeds in self.chosen():
            missing = self.place.missing(row)
            if missing:
                say(f"{row.name}: skipped, there is no {missing}")
                continue
            for seed in seeds:
                try:
                    with alone(self.place, row, seed):
                        self._row(row, seed)
                except Failed as reason:
                    say(f"{row.name} seed {seed}: failed: {reason}")
                    failed += 1
        return failed

    def groups(self):
        """What the table shows."""
        records, found = self.store.records(), []
        for row, seeds in self.chosen():
            key = self._key(row)
            group = table.group(row, seeds, records, key, self.options.older)
            if group:
                found.append(group)
            elif table.group(row, seeds, records, key, older=True):
                say(f"{row.name}: no row is kept for this program, data and options; --older shows the newest one")
            elif self.options.table:
                say(f"{row.name}: no row is kept")
        return found

    def _key(self, row):
        """None while the program or the data are not there."""
        try:
            return key_of(depends(row, self.place, self.hashes))
        except OSError:
            return None

    def _row(self, row, seed):
        found = depends(row, self.place, self.hashes)
        kept = self.store.newest(row.name, seed, key_of(found))
        if kept and not self.options.again:
            say(f"{row.name} seed {seed}: kept, of {kept['date']}")
            return
        before = kept or self.store.newest(row.name, seed)
        why = ", again" if kept else f", changed: {', '.join(changes(before['depends'], found))}" if before else ""
        say(f"{row.name} seed {seed}: runs{why} (log: {self.place.work / f'{row.name}-{seed}' / 'log'})")
        run, record = measure_row(self.task, row, seed, self.place, found)
        self.store.add(record)
        run.finish()
        values = ((column, column.value(record)) for column in self.task.all_columns())
        say(f"{row.name} seed {seed}: " +
            ", ".join(f"{column.title} {column.text(value)}" for column, value in values if value is not None))


def asked_row(task, text):
    """A name and its seeds, from NAME or NAME:SEED; no seeds: those of the session."""
    name, colon, seed = text.partition(":")
    names = [row.name for row in task.rows]
    if name not in names:
        raise argparse.ArgumentTypeError(f"no such row: '{name}'; there are: {', '.join(names)}")
    if not colon:
        return name, None
    if not seed.isdigit():
        raise argparse.ArgumentTypeError(f"wanted NAME:SEED, got '{text}'")
    return name, [int(seed)]


def parse(task, words):
    parser = argparse.ArgumentParser(prog=f"quality {task.name}", description=USAGE,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=[], metavar="NAME", help="only these rows: NAME or NAME:SEED, separated by commas",
                        type=lambda text: [asked_row(task, word) for word in text.split(",")])
    parser.add_argument("--seeds", type=int, help="use seeds 1 to N (default: 3; with --table all kept seeds)", metavar="N")
    parser.add_argument("--again", action="store_true", help="also run rows that are kept")
    parser.add_argument("--table", action="store_true", help="only print the table of the kept rows")
    parser.add_argument("--older", action="store_true",
                        help="for rows not kept for this program, data and options, show the newest kept one, marked")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="also write the table and its rows to FILE")
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("RONDO_DATA", "../shared/data"), metavar="DIR",
                        help="one folder per data set; missing ones are skipped (default: $RONDO_DATA, else ../shared/data)")
    parser.add_argument("--store", type=pathlib.Path, metavar="FILE", help="file of the kept rows (default: WORK/TASK.jsonl)")
    parser.add_argument("--work", type=pathlib.Path, default="build/quality", metavar="WORK", help="folder for models and logs")
    parser.add_argument("--rondo", type=pathlib.Path, default="build/release/bin/rondo", metavar="PROGRAM")
    parser.add_argument("extra", nargs="*", metavar="OPTION", help="after --: further options for every training run")
    options = parser.parse_args(words)
    if options.seeds is not None and options.seeds < 1:
        parser.error("--seeds: at least 1")
    return options


def main(task, words=None):
    """The exit status."""
    options = parse(task, words)
    if not options.table and not options.rondo.is_file():
        say(f"there is no {options.rondo}: ./dev build release")
        return 2
    for stop in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(stop) == signal.SIG_DFL:
            signal.signal(stop, signal.default_int_handler)
    session = Session(task, options)
    try:
        failed = 0 if options.table else session.run()
    except KeyboardInterrupt:
        say("stopped; the same command continues")
        return 130
    groups = session.groups()
    print(table.markdown(task, groups))
    if options.json:
        options.json.write_text(json.dumps(table.as_json(task, groups), indent=2, ensure_ascii=False) + "\n",
                                encoding="utf-8")
    missed = any(group.reached(task.all_columns()) is False for group in groups)
    return 1 if failed or missed else 0
