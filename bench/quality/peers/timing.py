"""What the scripts of this folder share: arguments NAME=VALUE, and the speed of a piece of work on several threads."""
import json
import statistics
import sys
import time

import torch


def arguments(**defaults):
    """Those of the command line over `defaults`, which also say what type each has."""
    given = dict(word.split("=", 1) for word in sys.argv[1:])
    return {name: type(default)(given.get(name, default)) for name, default in defaults.items()}


def threads():
    given = dict(word.split("=", 1) for word in sys.argv[1:])
    return [int(number) for number in given.get("threads", "1").split(",")]


def speeds(work, passes=5, on=None, seconds=40):
    """{threads: [units a second, units a second of processor time]}: medians of passes of `work`, which gives the units it
    has done; one pass before does not count. No further pass begins after `seconds`."""
    found = {}
    for count in on or threads():
        torch.set_num_threads(count)
        start = time.perf_counter()
        work()
        wall, processor = [], []
        while len(wall) < passes and (not wall or time.perf_counter() - start < seconds):
            begin, used = time.perf_counter(), time.process_time()
            units = work()
            wall.append(units / (time.perf_counter() - begin))
            processor.append(units / (time.process_time() - used))
        found[str(count)] = [statistics.median(wall), statistics.median(processor)]
    return found


def say(found, **more):
    print(json.dumps({"speeds": found, "version": torch.__version__, **more}, ensure_ascii=False))
