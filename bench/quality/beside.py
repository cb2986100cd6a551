"""Speed beside another program in the same run: the two take turns, and the medians of their turns count.

A turn of rondo is a training or a command, a turn of PyTorch (Debian's python3-torch on OpenBLAS with OpenMP, its fastest
set-up) a script of peers/ that prints its Speed on each number of threads it is asked for. The best one counts, by the
clock on the wall and by processor time on its own. A machine that is busy with other things spoils the first, less so the
second.
"""
import json
import os
import shutil
import statistics
import sys
import time
from dataclasses import dataclass

from measure import Failed
from rows import ROOT, Column

sys.path.append(str(ROOT / "bench" / "peers"))
from process import environment  # noqa: E402  (the peers of ./dev bench have the same set-up)

PEERS = "bench/quality/peers"
COMMON = ("bench/quality/beside.py", f"{PEERS}/timing.py")
ROUNDS = 3
THREADS = sorted({1, min(2, len(os.sched_getaffinity(0)))})
COLUMNS = [Column("ours", "rondo a second", digits=0), Column("theirs", "beside it a second", digits=0),
           Column("times", "times as fast"), Column("times_processor", "times by processor time")]

ANSWER = [Column("milliseconds", "ms", digits=1, better="lower"),
          Column("processor_milliseconds", "processor ms", digits=1, better="lower")]


@dataclass(frozen=True)
class Speed:
    """Units a second, and units a second of all processors together."""

    wall: float
    processor: float


def median(speeds):
    return Speed(statistics.median(speed.wall for speed in speeds), statistics.median(speed.processor for speed in speeds))


def files(peer):
    """What a row with this peer reads."""
    return (*COMMON, f"{PEERS}/{peer}")


def pytorch(run, peer, threads=None, **arguments):
    """What a script of peers/ prints; it gets NAME=VALUE. The row's memory stays that of rondo."""
    threads = threads or THREADS
    set_up = environment(max(threads))
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LD_LIBRARY_PATH")
    memory = run.spent["memory_mb"]
    printed = run.command("env", *(f"{name}={set_up[name]}" for name in names if name in set_up), "/usr/bin/python3", "-B",
                          str(ROOT / PEERS / peer), f"threads={','.join(map(str, threads))}",
                          *(f"{name}={value}" for name, value in arguments.items()))
    run.spent["memory_mb"] = memory
    try:
        return json.loads(printed)
    except ValueError:
        raise Failed(f"wanted JSON from {peer}, got {printed[:80]!r}") from None


def epochs_of(model):
    """What metrics.jsonl says of the epochs of a training."""
    file = model.with_name(f"{model.name}.run") / "metrics.jsonl"
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    epochs = [line for line in lines if line["split"] == "epoch"]
    if not epochs:
        raise Failed(f"{file} tells of no epoch")
    return epochs


def train(run, *words):
    """`rondo train WORDS` into speed.rondo, anew each time, on all that WORDS name: its epochs."""
    model = run.folder / "speed.rondo"
    shutil.rmtree(f"{model}.run", ignore_errors=True)
    run.command("{rondo}", "train", *words, "--valid-share", "0", "--test-share", "0", "--out", str(model), "--seed", "{seed}",
                "--json", *run.place.extra)
    return epochs_of(model)


def speed_of(epochs, units):
    """Of a training with `units` an epoch. The first of several epochs warms up."""
    counted = epochs[1:] or epochs
    return median([Speed(units / epoch["seconds"], units / epoch["processor_seconds"]) for epoch in counted])


def training(*words, units):
    """A turn of rondo: the speed of training, `units` an epoch."""
    return lambda run: speed_of(train(run, *words), units)


def timed(run, *words):
    """Seconds and processor seconds of a command, and what it prints."""
    before, begin = run.spent["processor_seconds"], time.monotonic()
    printed = run.command(*words)
    return time.monotonic() - begin, run.spent["processor_seconds"] - before, printed


def first_answer(run, *words):
    """The scores of a row about a short command: how long it takes from its start to its end, the median of 15."""
    times = [timed(run, *words)[:2] for _ in range(15)]
    wall, processor = (1000 * statistics.median(column) for column in zip(*times))
    return {"milliseconds": wall, "processor_milliseconds": processor}


def command(short, long, units):
    """A turn of rondo: the speed of a command, by what its `long` form, with `units` more, takes more than its `short` one;
    so that starting and loading do not count."""
    def turn(run):
        base, more = timed(run, *short), timed(run, *long)
        wall, processor = more[0] - base[0], more[1] - base[1]
        if wall <= 0 or processor <= 0:
            raise Failed(f"{' '.join(long)} took no longer than the short form; the machine is too busy to tell")
        return Speed(units / wall, units / processor)
    return turn


def fastest(turns):
    """Of the printed speeds of several turns, by threads: the best of the medians, and on how many threads that was."""
    found = {threads: median([Speed(*turn[threads]) for turn in turns]) for threads in turns[0]}
    best = max(found, key=lambda threads: found[threads].wall)
    return Speed(found[best].wall, max(speed.processor for speed in found.values())), best


def ratios(ours, theirs):
    return {"ours": ours.wall, "theirs": theirs.wall, "times": ours.wall / theirs.wall,
            "times_processor": ours.processor / theirs.processor}


def turns(run, ours, theirs):
    """Rondo's speeds and what the peer printed, turn by turn."""
    found = [(ours(run), theirs(run)) for _ in range(ROUNDS)]
    return [own for own, _ in found], [peer for _, peer in found]


def scores_of(unit, own, printed):
    """The scores of a row, of rondo's speeds and what PyTorch printed."""
    best, on = fastest([turn["speeds"] for turn in printed])
    asked = " and ".join(printed[0]["speeds"])
    return ratios(median(own), best) | {
        "speed": f"{unit} a second; PyTorch {printed[0]['version']} is fastest on {on} of {asked} threads"}


def compare(run, unit, ours, peer, threads=None, **arguments):
    """The scores of a row: a turn of rondo and one of PyTorch, ROUNDS times."""
    return scores_of(unit, *turns(run, ours, lambda run: pytorch(run, peer, threads, **arguments)))


def kept_model(run, row):
    """The model that a row of the same task has left."""
    model = run.place.work / f"{row}-1" / "model.rondo"
    if not model.exists():
        raise Failed(f"there is no {model}: measure {row} with seed 1 before")
    return model
