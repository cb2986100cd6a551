"""What bench/quality/beside.py makes of two programs' times, with small scripts in their place."""

import json
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[2] / "bench" / "quality"))
sys.dont_write_bytecode = True

import beside  # noqa: E402
from beside import Speed  # noqa: E402
from measure import Failed  # noqa: E402


class Recorded:
    """A run whose programs only print: `answers` has what each takes and says, by a word of its command."""

    def __init__(self, answers, folder=None):
        self.answers, self.folder, self.calls = answers, folder, []
        self.spent = {"processor_seconds": 0, "memory_mb": 20}
        self.place = SimpleNamespace(extra=())

    def command(self, *words):
        self.calls.append(words)
        processor, memory, printed = next(answer for word, answer in self.answers.items() if any(word in w for w in words))
        self.spent["processor_seconds"] += processor
        self.spent["memory_mb"] = max(self.spent["memory_mb"] or 0, memory)
        return printed


class Beside(unittest.TestCase):
    def test_the_fastest_threads_count_by_medians(self):
        turns = [{"1": [10, 10], "2": [wall, 7]} for wall in (1, 16, 17)]
        self.assertEqual(beside.fastest(turns), (Speed(16, 10), "2"))

    def test_ratios_are_above_one_where_rondo_is_faster(self):
        scores = beside.ratios(Speed(40, 30), Speed(20, 10))
        self.assertEqual((scores["times"], scores["times_processor"]), (2, 3))

    def test_the_first_of_several_epochs_warms_up(self):
        epochs = [{"seconds": 9, "processor_seconds": 9}, {"seconds": 2, "processor_seconds": 4}]
        self.assertEqual(beside.speed_of(epochs, 8), Speed(4, 2))
        self.assertEqual(beside.speed_of(epochs[1:], 8), Speed(4, 2))

    def test_starting_a_command_does_not_count(self):
        clock = mock.Mock(side_effect=[0, 1, 1, 4])
        with mock.patch("time.monotonic", clock):
            speed = beside.command(["short"], ["long"], 10)(Recorded({"short": (1, 0, ""), "long": (5, 0, "")}))
        self.assertEqual(speed, Speed(5, 2.5))

    def test_a_long_form_that_is_not_longer_is_a_failure(self):
        clock = mock.Mock(side_effect=[0, 2, 2, 3])
        with mock.patch("time.monotonic", clock), self.assertRaisesRegex(Failed, "too busy"):
            beside.command(["short"], ["long"], 10)(Recorded({"short": (1, 0, ""), "long": (5, 0, "")}))

    def test_a_peer_takes_turns_and_leaves_the_memory_of_rondo(self):
        printed = json.dumps({"speeds": {"1": [5, 5], "2": [8, 4]}, "version": "1.13"})
        run, order = Recorded({"slow.py": (3, 900, printed)}), []

        def ours(run):
            order.append(len(run.calls))
            return Speed(16, 10)

        scores = beside.compare(run, "nodes", ours, "slow.py", data="d")
        self.assertEqual(order, list(range(beside.ROUNDS)))
        self.assertEqual(run.spent["memory_mb"], 20)
        self.assertIn("data=d", run.calls[0])
        self.assertEqual((scores["times"], scores["times_processor"]), (2, 2))
        self.assertEqual(scores["speed"], "nodes a second; PyTorch 1.13 is fastest on 2 of 1 and 2 threads")

    def test_a_peer_that_prints_no_json_is_a_failure(self):
        with self.assertRaisesRegex(Failed, "peer.py"):
            beside.pytorch(Recorded({"peer.py": (1, 1, "oh")}), "peer.py")

    def test_epochs_come_from_the_run_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            model = Path(folder) / "speed.rondo"
            metrics = model.with_name("speed.rondo.run") / "metrics.jsonl"
            metrics.parent.mkdir()
            metrics.write_text('{"split": "train"}\n{"split": "epoch", "seconds": 1}\n')
            self.assertEqual(beside.epochs_of(model), [{"split": "epoch", "seconds": 1}])
            metrics.write_text("")
            with self.assertRaises(Failed):
                beside.epochs_of(model)


if __name__ == "__main__":
    unittest.main()
