#!/usr/bin/env python3
"""Measures rondo beside other libraries on the same inputs in the same run: `./dev bench --peers` calls it.

    compare.py [--only PATTERN] [--threads 1,2] [--rounds 7] [--seconds 0.25] [--json] [--markdown FILE] [--processor-time]
    compare.py --from RESULTS... [--markdown FILE]

Each peer is a process of its own (case.h has the conversation). All peers of a case are started, asked for their
results, which must agree with rondo's, and then measured in turns, round after round; the median of the rounds counts. A
peer that is not there is left out, and standard error says so.

PATTERN is a regular expression looked for in SUITE/CELL/SHAPE/MODE/THREADS. Prints a table as Markdown, or with --json one
object a line; --markdown puts the table between the two markers of FILE; --from makes it again from lines of --json: of
several runs each case's calmest: with most peers, and of these the one in which all sides together took the least time.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import sys
import tempfile
import time

import agreement
import onnx_model
import report
import shapes
import start
from process import Absent, Peer, candidates

PAUSE = 0.05  # seconds in which a team of threads that still spins goes to sleep


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Comparison:
    def __init__(self, options):
        self.options = options
        self.data = pathlib.Path("build/peers/data")
        self.versions, self.absent = {}, {}
        self.load = os.getloadavg()[0]

    def measure(self, case):
        """The record of a case (see report.py)."""
        folder = shapes.make_inputs(case, self.data)
        if case.suite in ("layer", "stream", "start"):
            path = folder / f"{case.suite}.onnx"
            if not path.exists():
                path.write_bytes(onnx_model.model(case, folder))
        if case.suite == "start":
            return self._record(case, start.measure(case, folder, self), 0)
        peers = []
        try:
            for name in ("rondo", *candidates(case)):
                self._start(name, case, folder, peers)
            disagreements = self._check(case, peers)
            peak = self._take_turns(case, peers)
            memory = {peer.name: peer.peak_memory() for peer in peers}
        finally:
            for peer in peers:
                peer.stop()
        wall, processors = ({peer.name: statistics.median(turn[clock] for turn in peer.turns) for peer in peers}
                            for clock in (0, 1))
        times = processors if self.options.processor_time else wall
        return {**self._record(case, times, peak), "processor_ms": processors, "memory_mb": memory,
                "disagreements": disagreements}

    def _record(self, case, times, peak):
        """With what it was measured on and by."""
        left_out = [name for name in candidates(case) if name not in times]
        return {**report.record(case, times, peak), "left_out": left_out, "disagreements": [],
                "versions": {name: self.versions[name] for name in times if name in self.versions},
                "machine": report.machine(self.load), "rounds": self.options.rounds,
                "clock": "processor" if self.options.processor_time else "wall"}

    def leave_out(self, name, case, reason):
        """Goes on without a peer, and says so once for each reason; without rondo there is no going on."""
        if name == "rondo":
            sys.exit(f"compare.py: {case.name}: rondo failed: {reason}")
        if self.absent.get(name) != str(reason):
            say(f"{case.name}: without {name}: {reason}")
        self.absent[name] = str(reason)

    def _start(self, name, case, folder, peers):
        try:
            peers.append(Peer(name, case, folder, self.options.build))
            self.versions[name] = peers[-1].version
        except Absent as reason:
            self.leave_out(name, case, reason)

    def _ask(self, case, peers, peer, line):
        """The answer of one of the peers; None when it has ended and is no longer among them."""
        try:
            return peer.ask(line)
        except Absent as reason:
            self.leave_out(peer.name, case, reason)
            peers.remove(peer)
            peer.stop()
            return None

    def _check(self, case, peers):
        """What differs from rondo's results, in words."""
        found = []
        with tempfile.TemporaryDirectory() as scratch:
            for peer in list(peers):
                path = pathlib.Path(scratch, peer.name)
                path.mkdir()
                self._ask(case, peers, peer, f"check {path}")
            for peer in peers[1:]:
                folders = pathlib.Path(scratch, "rondo"), pathlib.Path(scratch, peer.name)
                for name, error in agreement.differences(*folders, case.weights):
                    found.append(f"{case.name}: {peer.name}: {name} differs by {error:.2g}")
                    say(found[-1])
        return found

    def _take_turns(self, case, peers):
        """Fills `turns`; the peak of a core in GFLOP/s, the best of the rounds."""
        peak = 0
        for turn in range(self.options.rounds):
            shift = turn % len(peers)
            for peer in peers[shift:] + peers[:shift]:
                time.sleep(PAUSE)
                answer = self._ask(case, peers, peer, f"go {self.options.seconds}")
                if answer is not None:
                    peer.turns.append([float(ms) for ms in answer.split()])
            peak = max(peak, float(self._ask(case, peers, peers[0], "peak")))
        return peak


def numbers(text):
    return [int(number) for number in text.split(",")]


def parse(words):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="PATTERN")
    parser.add_argument("--threads", type=numbers, metavar="1,2",
                        help="numbers of threads (default: 1,2, limited by the number of cores)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.25, help="duration of one peer's turn in a round")
    parser.add_argument("--processor-time", action="store_true",
                        help="measure processor time on one thread, for a first look on a busy machine")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--markdown", metavar="FILE")
    parser.add_argument("--from", dest="results", metavar="RESULTS", nargs="+")
    parser.add_argument("--build", default="build/release", help="build folder of the programs")
    options = parser.parse_args(words)
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    most = 1 if options.processor_time else len(os.sched_getaffinity(0))
    options.threads = options.threads or [1, 2][:most]
    return options


def run(options):
    """Measures; the records."""
    chosen = [case for case in shapes.cases(options.threads) if re.search(options.only, case.name)]
    if not chosen:
        sys.exit(f"compare.py: --only {options.only} fits no case, for instance {next(shapes.cases([1])).name}")
    comparison = Comparison(options)
    records = []
    for number, case in enumerate(chosen, 1):
        records.append(comparison.measure(case))
        say(f"[{number}/{len(chosen)}] {report.line(records[-1])}")
        if options.json:
            print(json.dumps(records[-1]), flush=True)
    return records


def main():
    options = parse(sys.argv[1:])
    if options.results:
        try:
            lines = [line for path in options.results for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]
            records = report.calmest(json.loads(line) for line in lines if line.startswith("{"))
        except (OSError, ValueError) as error:
            sys.exit(f"compare.py: --from: {error}")
    else:
        records = run(options)
    text = report.markdown(records)
    if options.markdown:
        report.replace(pathlib.Path(options.markdown), text)
    elif not options.json:
        print(text)
    if any(record["disagreements"] for record in records):
        sys.exit("compare.py: results disagree")


if __name__ == "__main__":
    main()
