"""From the start of a process to its first prediction, process ends included."""
import pathlib
import statistics
import subprocess
import time

import process


def milliseconds(command, environment):
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True, env=environment)
    return 1000 * (time.perf_counter() - begin)


def classifier(build):
    """A small saved model for `rondo predict`; made once by each build of the program."""
    program, model = pathlib.Path(build, "bin/rondo"), pathlib.Path("build/peers/start.rondo")
    if not model.exists() or model.stat().st_mtime < program.stat().st_mtime:
        subprocess.run([str(program), "train", "classify", "examples/data/reviews.tsv", "--out", str(model),
                        "--epochs", "1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return model


def measure(case, data, comparison):
    """Median milliseconds by peer; ours is the whole program with tokenizer, model file and answer."""
    options = comparison.options
    commands = {"rondo": [f"{options.build}/bin/rondo", "predict", str(classifier(options.build)),
                          "The room was clean and the staff friendly, we would come again."]}
    for name in process.candidates(case):
        try:
            command, extra = process.command_of(name, options.build)
        except process.Absent as reason:
            comparison.leave_out(name, case, reason)
            continue
        words = {**case.arguments(data), **extra, "once": 1}
        commands[name] = command + [f"{key}={value}" for key, value in words.items()]
    environment = process.environment(case.threads)
    times = {}
    for turn in range(options.rounds + 1):
        for name in list(commands):
            try:
                took = milliseconds(commands[name], environment)
            except (OSError, subprocess.CalledProcessError) as error:
                comparison.leave_out(name, case, getattr(error, "stderr", None) or error)
                del commands[name]
                continue
            if turn > 0:  # the first reads the files from disk
                times.setdefault(name, []).append(took)
    return {name: statistics.median(taken) for name, taken in times.items() if name in commands}
