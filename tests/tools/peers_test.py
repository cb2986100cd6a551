"""The parts of bench/peers that measure nothing: operation counts, inputs, agreement, the ONNX model, the tables."""

import array
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "bench" / "peers"))
sys.dont_write_bytecode = True

import agreement  # noqa: E402
import onnx_model  # noqa: E402
import report  # noqa: E402
import shapes  # noqa: E402

TINY = shapes.Case("layer", "lstm", "tiny", "training", 2, (5, 2, 3, 4, 2, 1))


def fields(message):
    """(number, value) of each field of a protobuf message."""
    at, found = 0, []

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        value = varint()
        if key & 7 == 2:
            value, at = message[at:at + value], at + value
        found.append((key >> 3, value))
    return found


class Shapes(unittest.TestCase):
    def test_operations_are_those_of_the_products(self):
        tokens, gates, hidden = 5 * 2, 4, 4
        forward = 2 * tokens * gates * hidden * ((3 + hidden) + (hidden + hidden))
        self.assertEqual(TINY.operations(), 3 * forward)

    def test_a_training_step_has_its_projection_and_needs_no_gradient_of_one_hot_rows(self):
        step = {**shapes.STEPS["char_2x512"], "vocab": 3, "classes": 7}
        case = shapes.Case("step", "lstm", "tiny", "training", 1, TINY.sizes, step)
        without_dx = 2 * 10 * 4 * 4 * 3
        self.assertEqual(case.operations(), TINY.operations() - without_dx + 3 * 2 * 10 * 4 * 7)

    def test_speed_counts_tokens_that_are_there(self):
        named = {case.name: case for case in shapes.cases([1])}
        self.assertEqual(named["step/lstm/hotel_bidirectional/training/1"].units, sum(shapes.HOTEL_LENGTHS))
        self.assertEqual(named["step/lstm/keras_sentiment/training/1"].units, 32)
        self.assertEqual(named["layer/lstm/small/inference/1"].units, 700)

    def test_streams_are_measured_in_8_bits_too(self):
        named = {case.name: case for case in shapes.cases([1])}
        self.assertEqual(named["stream/lstm/h256_int8/inference/1"].arguments("")["weights"], "int8")
        self.assertEqual(named["layer/lstm/mid_w8a8/inference/1"].arguments("")["weights"], "w8a8")
        self.assertEqual(named["stream/lstm/h256/inference/1"].arguments("")["weights"], "f32")

    def test_inputs_are_the_same_every_time(self):
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
            folders = [shapes.make_inputs(TINY, root) for root in (one, other)]
            first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
        self.assertEqual(first, second)
        self.assertEqual(len(first["x.f32"]), 4 * 5 * 2 * 3)
        self.assertEqual(len(first["weight_ih_l1.f32"]), 4 * 4 * 4 * 4)
        self.assertNotEqual(first["bias_ih_l0.f32"], first["bias_hh_l0.f32"])


class Agreement(unittest.TestCase):
    def test_differences_count_relative_to_the_largest_value(self):
        theirs = array.array("f", [1000, 0, 1])
        self.assertAlmostEqual(agreement.difference(array.array("f", [1000, 0, 2]), theirs), 1e-3)

    def test_what_is_no_number_or_of_another_size_never_agrees(self):
        one = array.array("f", [1, 2])
        self.assertEqual(agreement.difference(array.array("f", [1, float("nan")]), one), float("inf"))
        self.assertEqual(agreement.difference(array.array("f", [1]), one), float("inf"))

    def test_every_file_of_both_is_compared(self):
        with tempfile.TemporaryDirectory() as root:
            ours, theirs = Path(root, "ours"), Path(root, "theirs")
            for folder, value in ((ours, 1), (theirs, 1.001)):
                folder.mkdir()
                Path(folder, "y.f32").write_bytes(array.array("f", [1]).tobytes())
                Path(folder, "d_x.f32").write_bytes(array.array("f", [value]).tobytes())
            self.assertEqual([name for name, _ in agreement.differences(ours, theirs)], ["d_x"])
            Path(theirs, "d_x.f32").unlink()
            Path(theirs, "y.f32").unlink()
            self.assertEqual(agreement.differences(ours, theirs), [("everything", float("inf"))])

    def test_weights_in_8_bits_may_differ_more(self):
        with tempfile.TemporaryDirectory() as root:
            ours, theirs = Path(root, "ours"), Path(root, "theirs")
            for folder, value in ((ours, 1), (theirs, 1.001)):
                folder.mkdir()
                Path(folder, "y.f32").write_bytes(array.array("f", [value]).tobytes())
            self.assertEqual(agreement.differences(ours, theirs, "int8"), [])
            Path(theirs, "y.f32").write_bytes(array.array("f", [1.1]).tobytes())
            self.assertEqual([name for name, _ in agreement.differences(ours, theirs, "int8")], ["y"])


class OnnxModel(unittest.TestCase):
    def test_long_numbers(self):
        self.assertEqual(onnx_model.varint(300), b"\xac\x02")

    def test_gates_are_reordered(self):
        self.assertEqual(onnx_model.reordered("lstm", b"ifgo"), b"iofg")
        self.assertEqual(onnx_model.reordered("gru", b"rrzznn"), b"zzrrnn")

    def test_a_model_has_a_node_a_layer_and_its_tensors(self):
        with tempfile.TemporaryDirectory() as root:
            model = onnx_model.model(TINY, shapes.make_inputs(TINY, root))
        graph = dict(fields(model))[7]
        parts = fields(graph)
        kinds = [dict(fields(node))[4] for number, node in parts if number == 1]
        self.assertEqual(kinds, [b"LSTM", b"Squeeze", b"LSTM"])
        tensors = {dict(fields(item))[8]: dict(fields(item))[9] for number, item in parts if number == 5}
        self.assertEqual(len(tensors[b"W0"]), 4 * 4 * 4 * 3)
        self.assertEqual(len(tensors[b"B1"]), 4 * 2 * 4 * 4)


class Report(unittest.TestCase):
    def record(self):
        entry = report.record(TINY, {"rondo": 2.0, "onednn": 3.0, "pytorch": 5.0}, 1e-3)
        return {**entry, "machine": {"processor": "P", "cores": 2, "load": 0.0}, "versions": {"rondo": "rondo 1"}, "rounds": 3,
                "clock": "wall", "left_out": [], "disagreements": []}

    def test_the_best_peer_and_the_share_of_the_peak(self):
        entry = self.record()
        self.assertEqual((entry["best_peer"], entry["best_peer_ms"], entry["ratio"]), ("onednn", 3.0, 1.5))
        gflops = TINY.operations() / 2e6
        self.assertAlmostEqual(entry["percent_of_peak"], 100 * gflops / (2 * 1e-3))

    def test_without_peers_there_is_no_ratio(self):
        entry = report.record(TINY, {"rondo": 2.0}, 1)
        self.assertEqual((entry["best_peer"], entry["ratio"]), (None, None))

    def test_a_disturbed_machine_is_named(self):
        entry = self.record()
        self.assertNotIn("Disturbed", report.markdown([entry]))
        entry["machine"]["load"] = 3.0
        self.assertIn("Disturbed", report.markdown([self.record(), entry]))

    def test_of_several_runs_the_one_calmest_for_all_sides_counts(self):
        calm, busy = self.record(), {**self.record(), "ms": 1.0, "peers": {"onednn": 9.0, "pytorch": 5.0}}
        lacking = {**self.record(), "peers": {"onednn": 3.0}}
        other = {**self.record(), "threads": 1}
        chosen = report.calmest([busy, lacking, calm, other])
        self.assertEqual([entry["ms"] for entry in chosen], [calm["ms"], other["ms"]])
        self.assertEqual([entry["runs"] for entry in chosen], [3, 1])
        self.assertIn("the calmest of 1 or 3 runs", report.markdown(chosen))
        self.assertNotIn("calmest", report.markdown(report.calmest([calm])))

    def test_what_disagreed_in_any_run_stays_said(self):
        busy = {**self.record(), "ms": 9.0, "disagreements": ["d_x differs"]}
        self.assertIn("d_x differs", report.markdown(report.calmest([self.record(), busy])))

    def test_runs_that_cannot_be_compared_are_refused(self):
        for other in ({"rounds": 5}, {"clock": "processor"}, {"machine": {"processor": "Q", "cores": 2, "load": 0.0}}):
            with self.assertRaises(ValueError):
                report.calmest([self.record(), {**self.record(), **other}])

    def test_missing_peers_and_disagreements_are_named(self):
        entry = {**self.record(), "left_out": ["pytorch"], "disagreements": ["d_x differs"]}
        self.assertIn("not available: PyTorch", report.markdown([entry]))
        self.assertIn("d_x differs", report.markdown([entry]))

    def test_only_what_stands_between_the_markers_is_replaced(self):
        document = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
        made = report.replaced(document, "new")
        self.assertEqual(made, f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n")
        self.assertEqual(report.replaced(made, "new"), made)
        with self.assertRaises(ValueError):
            report.replaced("no markers", "new")


if __name__ == "__main__":
    unittest.main()
