"""Runs a row with one seed, and measures the seconds and the memory that it takes."""
import contextlib
import ctypes
import datetime
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from rows import ROOT, key_of

_LIBC = ctypes.CDLL(None)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Failed(Exception):
    """A row has no result, and why."""


class Run:
    """A row at work: starts its programs, and adds up what they take. The peak of memory is that of the largest process; it
    begins at what Python holds when it starts one, some 20 MB.

    Its folder keeps the model, the last program's output and a log. What an interrupted training left there is gone on
    with; `run.json` knows for which key that was and what it has taken so far.
    """

    def __init__(self, row, seed, place, key):
        self.row, self.seed, self.place, self.key = row, seed, place, key
        self.folder = place.work / f"{row.name}-{seed}"
        self.model = self.folder / "model.rondo"
        self.checkpoints = self.folder / "model.rondo.run" / "checkpoints"
        # Seconds are a lower bound when a piece of the run was killed before it could say what it took.
        self.spent = {"seconds": 0, "processor_seconds": 0, "memory_mb": None, "lower_bound": False}
        self.resumed = self._take_up()

    def scores(self):
        """Numbers and texts by name."""
        begin, processor = time.monotonic(), time.process_time()
        try:
            return self.row.measure(self) if self.row.measure else self.train(*self.row.words)
        finally:
            self.spent["seconds"] += time.monotonic() - begin
            self.spent["processor_seconds"] += time.process_time() - processor
            self._note(complete=True)

    def train(self, *words):
        """`rondo train WORDS` into the row's model with the row's seed, or the rest of it; the numbers that it prints."""
        resume = ["--resume"] if self.resumed else []
        printed = self.command("{rondo}", "train", *words, "--out", "{model}", "--seed", "{seed}", "--json",
                               *self.place.extra, *resume)
        try:
            return {name: value for name, value in json.loads(printed).items() if isinstance(value, (int, float))}
        except (ValueError, AttributeError):
            raise Failed(f"wanted JSON from the training, got {printed[:80]!r}") from None

    def command(self, *words):
        """What a program prints on standard output; in the words {rondo}, {data}, {model}, {folder}, {seed} are filled in."""
        words = [self._fill_in(word) for word in words]
        with open(self.folder / "output", "wb") as output, open(self.folder / "log", "ab") as log:
            try:
                process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=log, process_group=0,
                                           preexec_fn=lambda: _LIBC.prctl(_DIE_WITH_PARENT, signal.SIGTERM))
            except OSError as error:
                raise Failed(f"{words[0]}: {error.strerror}") from None
        usage, interrupted = wait(process)
        self.spent["processor_seconds"] += usage.ru_utime + usage.ru_stime
        self.spent["memory_mb"] = max(self.spent["memory_mb"] or 0, 1.024e-3 * usage.ru_maxrss)
        if interrupted:
            raise KeyboardInterrupt
        if process.returncode != 0:
            raise Failed(self._failure(words, process.returncode))
        return (self.folder / "output").read_text(encoding="utf-8")

    def finish(self):
        """Once the result is kept, nothing is left to go on with."""
        shutil.rmtree(self.checkpoints, ignore_errors=True)

    def _take_up(self):
        """Whether a training of the same key goes on; else the folder begins empty."""
        try:
            before = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            before = {}
        resumed = before.get("key") == self.key and self.checkpoints.is_dir() and any(self.checkpoints.iterdir())
        if resumed:
            self.spent = before["spent"]
            self.spent["lower_bound"] |= not before["complete"]
        elif self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._note(complete=False)
        return resumed

    def _note(self, complete):
        scratch = self.folder / "run.json.new"
        scratch.write_text(json.dumps({"key": self.key, "spent": self.spent, "complete": complete}), encoding="utf-8")
        scratch.replace(self.folder / "run.json")

    def _fill_in(self, word):
        for name, value in (("rondo", self.place.rondo), ("data", self.place.data), ("model", self.model),
                            ("folder", self.folder), ("seed", self.seed)):
            word = word.replace("{" + name + "}", str(value))
        return word

    def _failure(self, words, status):
        lines = (self.folder / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
        text = f"{' '.join(words)}\nended with {status}: " + "\n".join(lines[-5:])
        return text + (f"\nremove {self.folder} to begin anew" if self.resumed else "")


def wait(process):
    """What a process and its children have used when it ends, and whether we were asked to stop meanwhile. It is then told
    so, and may write a checkpoint; asked again, it is killed."""
    interrupted = False
    while True:
        try:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage, interrupted
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGKILL if interrupted else signal.SIGTERM)
            interrupted = True


@contextlib.contextmanager
def alone(place, row, seed):
    """Failed when another process is at this row."""
    place.work.mkdir(parents=True, exist_ok=True)
    with open(place.work / f"{row.name}-{seed}.lock", "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed("another process is measuring it") from None
        yield


def measure_row(task, row, seed, place, found):
    """The run and its record, to be kept; `found` is what it depends on."""
    origin = {**commit(), **machine(), "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
    run = Run(row, seed, place, key_of(found))
    scores = run.scores()
    measured = {**run.spent, "minutes": run.spent["processor_seconds"] / 120,
                "model_mb": run.model.stat().st_size / 1e6 if run.model.exists() else None}
    return run, {"task": task.name, "name": row.name, "seed": seed, "key": run.key, "scores": scores, **measured,
                 **origin, "depends": found}


def commit():
    """The commit of the working tree that this file belongs to, and whether anything differs from it."""
    def git(*words):
        run = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True,
                             check=False)
        return run.stdout.strip() if run.returncode == 0 else ""

    return {"commit": git("rev-parse", "HEAD") or "unknown", "dirty": bool(git("status", "--porcelain"))}


def machine():
    """The processor's name, and how many may be used."""
    name = "unknown processor"
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), name)
    return {"processor": name, "processors": len(os.sched_getaffinity(0))}
