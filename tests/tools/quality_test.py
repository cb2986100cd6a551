"""What ./dev quality keeps, runs again, goes on with and prints, with a small script in the program's place."""

import contextlib
import io
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

QUALITY = Path(__file__).parents[2] / "bench" / "quality"
sys.path.insert(0, str(QUALITY))
sys.dont_write_bytecode = True

import command  # noqa: E402
import rows  # noqa: E402
import store  # noqa: E402
import table  # noqa: E402

# Notes its words, leaves a checkpoint, waits if it is told to, and prints the score of its seed.
PROGRAM = """#!/bin/sh
echo "$*" >> "$CALLS"
[ "$1" = train ] || { echo "said $3"; exit 0; }
while [ $# -gt 0 ]; do
  case $1 in --out) model=$2 ;; --seed) seed=$2 ;; --resume) resumed=1 ;; esac
  shift
done
mkdir -p "$model.run/checkpoints/1"
[ -z "$SLEEP" ] || [ -n "$resumed" ] || exec sleep "$SLEEP"
[ "$FAILS" != "$seed" ] || { echo "no luck" >&2; exit 3; }
head -c 2000000 /dev/zero > "$model"
echo "{\\"accuracy\\": 0.8$seed, \\"worst\\": [1]}"
"""


def asked(run):
    return {**run.train(*run.row.words), "says": run.command("{rondo}", "predict", "{model}", "this").strip()}


def counted(run):
    return {"accuracy": len(run.place.path("{data}/a/train.tsv").read_text()) / 10}


TASK = rows.Task("tiny", [
    rows.Row("a", ("classify", "{data}/a/train.tsv"), {"accuracy": 81.5}),
    rows.Row("b", ("classify", "{data}/b/train.tsv"), {"accuracy": 81.5, "memory_mb": 1000}, asked),
    rows.Row("base", measure=counted, reads=("{data}/a/train.tsv",), program=False, seeded=False),
], [rows.Column("accuracy", "accuracy", 100)])


class Folder(unittest.TestCase):
    """A program, two data sets and an empty store."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        self.calls = self.root / "calls"
        self.calls.touch()
        self.write("rondo", PROGRAM)
        (self.root / "rondo").chmod(0o755)
        for name in "ab":
            self.write(f"data/{name}/train.tsv", "12345678")
        environment = mock.patch.dict(os.environ, {"CALLS": str(self.calls)})
        environment.start()
        self.addCleanup(environment.stop)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def words(self, *words):
        return ["--rondo", str(self.root / "rondo"), "--data", str(self.root / "data"), "--work", str(self.root / "work"), *words]

    def call(self, *words, task=TASK):
        """Exit status, standard output, standard error, and how many programs were started."""
        before = len(self.started())
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
            status = command.main(task, self.words(*words))
        return status, out.getvalue(), err.getvalue(), len(self.started()) - before

    def started(self):
        return self.calls.read_text().splitlines()


class Keeping(Folder):
    def test_what_is_kept_is_not_run_again(self):
        _, first, _, count = self.call("--only", "a")
        self.assertEqual(count, 3)
        _, second, said, count = self.call("--only", "a")
        self.assertEqual((count, second), (0, first))
        self.assertIn("a seed 2: kept", said)
        self.assertEqual(self.call("--only", "a", "--again")[3], 3)

    def test_a_row_and_a_seed_are_run_alone(self):
        self.assertEqual(self.call("--only", "a:2")[3], 1)
        self.assertIn("--seed 2", self.started()[0])
        self.assertEqual(self.call("--only", "a,base", "--seeds", "2")[3], 1)
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()) as err:
            command.main(TASK, self.words("--only", "c"))
        self.assertIn("no such row: 'c'; there are: a, b, base", err.getvalue())

    def test_other_data_run_only_the_rows_that_read_them(self):
        self.call("--seeds", "1")
        self.write("data/b/train.tsv", "1234")
        _, _, said, count = self.call("--seeds", "1")
        self.assertEqual(count, 2)
        self.assertIn("b seed 1: runs, changed: file {data}/b/train.tsv", said)
        self.assertIn("a seed 1: kept", said)

    def test_another_program_runs_all_but_what_has_no_part_in_it(self):
        self.call("--seeds", "1")
        self.write("rondo", PROGRAM + "# newer\n")
        _, _, said, count = self.call("--seeds", "1")
        self.assertEqual(count, 3)
        self.assertIn("a seed 1: runs, changed: program", said)
        self.assertIn("base seed 1: kept", said)

    def test_other_options_are_other_rows(self):
        self.call("--only", "a:1")
        self.assertEqual(self.call("--only", "a:1", "--", "--epochs", "1")[3], 1)
        self.assertTrue(self.started()[-1].endswith("--epochs 1"))
        self.assertEqual(self.call("--only", "a:1")[3], 0)

    def test_a_missing_set_is_skipped_and_said(self):
        (self.root / "data/b/train.tsv").unlink()
        status, out, said, _ = self.call("--seeds", "2", "--only", "b")
        self.assertEqual(status, 0)
        self.assertIn("b: skipped, there is no", said)
        self.assertNotIn("| b |", out)

    def test_a_failed_row_keeps_none_and_stops_none(self):
        with mock.patch.dict(os.environ, {"FAILS": "1"}):
            status, out, said, _ = self.call("--only", "a", "--seeds", "2")
        self.assertEqual(status, 1)
        self.assertIn("no luck", said)
        self.assertIn("| a | 2 | 82.00 |", out)
        self.assertEqual(self.call("--only", "a", "--seeds", "2")[3], 1)

    def test_a_record_says_what_was_measured_and_where(self):
        self.call("--only", "b:1")
        record = store.Store(self.root / "work/tiny.jsonl").records()[0]
        self.assertEqual(record["scores"], {"accuracy": 0.81, "says": "said this"})
        self.assertEqual(record["model_mb"], 2)
        for name in ("seconds", "processor_seconds", "memory_mb", "processors"):
            self.assertGreater(record[name], 0, name)
        for name in ("commit", "processor", "date", "dirty", "key"):
            self.assertIn(name, record)


class Stopping(Folder):
    def test_an_interrupted_training_goes_on(self):
        begun = self.root / "work/runs/classify/rt-polarity-1/model.rondo.run/checkpoints/1"
        self.write("data/rt-polarity/all.tsv.xz", "")
        words = [sys.executable, "-B", str(QUALITY / "classify"), *self.words("--only", "rt-polarity:1")]
        for sent, status in ((signal.SIGTERM, 130), (signal.SIGKILL, -signal.SIGKILL)):
            process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                       env={**os.environ, "SLEEP": "60"})
            deadline = time.monotonic() + 30
            while not begun.exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            process.send_signal(sent)
            self.assertEqual(process.wait(30), status)
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue(self.started()[-1].endswith("--resume"))
            # Nobody knows what was used by a process whose parent was killed.
            self.assertEqual("≥: a part" in done.stdout, sent == signal.SIGKILL)
            self.assertFalse(begun.exists())
            (self.root / "work/classify.jsonl").unlink()

    def test_another_program_does_not_go_on(self):
        self.write("work/runs/tiny/a-1/run.json", json.dumps({"key": "old", "spent": {}, "complete": True}))
        self.write("work/runs/tiny/a-1/model.rondo.run/checkpoints/1/x", "")
        self.call("--only", "a:1")
        self.assertNotIn("--resume", self.started()[-1])

    def test_a_torn_last_line_is_cut(self):
        kept = store.Store(self.root / "kept.jsonl")
        kept.add({"name": "电影"})
        torn = kept.path.read_bytes()[:-5]
        kept.path.write_bytes(kept.path.read_bytes() + torn)
        self.assertEqual(kept.records(), [{"name": "电影"}])
        kept.add({"name": "b"})
        self.assertEqual([record["name"] for record in kept.records()], ["电影", "b"])

    def test_two_sessions_do_not_share_a_row(self):
        place = rows.Place(self.root / "rondo", self.root / "data", self.root / "work/runs/tiny")
        with command.alone(place, TASK.rows[0], 1):
            status, _, said, count = self.call("--only", "a", "--seeds", "2")
        self.assertEqual((status, count), (1, 1))
        self.assertIn("a seed 1: failed: another process", said)


class Tables(Folder):
    def test_scores_are_means_with_spreads_beside_their_targets(self):
        status, out, _, _ = self.call()
        self.assertEqual(status, 0)
        lines = out.splitlines()
        self.assertTrue(lines[2].startswith("| a | 1, 2, 3 | 82.00 ± 1.00 | ≥ 81.5 |"), lines[2])
        self.assertTrue(lines[2].endswith("| yes |"))
        self.assertTrue(lines[4].startswith("| base | 1 | 80.00 | - |"), lines[4])
        self.assertTrue(lines[4].endswith("| - |"))
        self.assertIn("b, says: said this", out)
        self.assertEqual(self.call("--table")[:2], (0, out))

    def test_a_missed_target_is_the_exit_status(self):
        status, out, _, _ = self.call("--only", "a:1")
        self.assertEqual(status, 1)
        self.assertIn("| no |", out)
        slow = rows.Task("tiny", [rows.Row("a", TASK.rows[0].words, {"memory_mb": 0.001})], TASK.columns)
        self.assertEqual(self.call("--only", "a:2", task=slow)[0], 1)

    def test_older_rows_show_only_when_asked_for_and_marked(self):
        self.call("--only", "a")
        self.write("rondo", PROGRAM + "# newer\n")
        status, out, said, count = self.call("--table")
        self.assertNotIn("| a |", out)
        self.assertIn("a: no row is kept for this program", said)
        out = self.call("--table", "--older")[1]
        self.assertIn("(older) | yes |", out)
        self.call("--only", "a:1")
        # Seeds of two programs never make one mean.
        self.assertIn("| a | 1 | 81.00 |", self.call("--table", "--older")[1])
        (self.root / "rondo").unlink()
        self.assertIn("| a | 1 | 81.00 |", self.call("--table", "--older")[1])

    def test_other_commits_and_processors_are_told(self):
        def record(seed, **more):
            return {"name": "a", "seed": seed, "key": "k", "date": "2026", "scores": {"accuracy": 0.8}, "lower_bound": False,
                    "commit": "1111111111", "dirty": False, "processor": "P", "processors": 2, **more}

        records = [record(1), record(1, scores={"accuracy": 0.9}), record(2, commit="2222222222", dirty=True, processor="Q")]
        found = table.group(TASK.rows[0], None, records, "k", False)
        out = table.markdown(TASK, [found])
        self.assertIn("| 85.00 ± 5.00 |", out)
        self.assertIn("| 1111111, 2222222+ |", out)
        self.assertIn("a: P, 2 processors.\na: Q, 2 processors.", out)

    def test_json_holds_the_table_and_its_rows(self):
        self.call("--only", "a", "--json", str(self.root / "out.json"))
        row, = json.loads((self.root / "out.json").read_text(encoding="utf-8"))
        self.assertAlmostEqual(row["mean"]["accuracy"], 82)
        self.assertAlmostEqual(row["spread"]["accuracy"], 2)
        self.assertEqual([record["seed"] for record in row["rows"]], [1, 2, 3])
        self.assertIs(row["reached"], True)


class Tasks(unittest.TestCase):
    def test_every_task_has_rows_of_their_own_names_targets_among_its_columns_and_files_that_are_there(self):
        scripts = [path for path in QUALITY.iterdir() if path.is_file() and os.access(path, os.X_OK)]
        self.assertTrue(scripts)
        for script in scripts:
            with self.subTest(script.name):
                task = runpy.run_path(str(script))["TASK"]
                names = [row.name for row in task.rows]
                self.assertEqual(len(names), len(set(names)))
                columns = {column.key for column in task.all_columns()}
                for row in task.rows:
                    self.assertLessEqual(row.targets.keys(), columns, row.name)
                    for file in row.reads:
                        self.assertTrue(file.startswith("{data}/") or (rows.ROOT / file).is_file(), file)


if __name__ == "__main__":
    unittest.main()
