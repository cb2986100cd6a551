"""What is measured: every case of every suite, its operations, and its inputs.

A case is (suite, cell, shape, mode, threads). Sizes: steps T, batch B, input D, hidden H, layers, directions.
"""
import array
import dataclasses
import math
import pathlib
import random
import zlib

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
SIZES = ("steps", "batch", "input", "hidden", "layers", "directions")

# Whole layers: T, B, D, H, layers, directions.
LAYERS = {
    "small": (35, 20, 200, 200, 2, 1),
    "medium": (35, 20, 650, 650, 2, 1),
    "sentiment": (100, 32, 128, 100, 1, 1),
    "tagger": (100, 32, 128, 128, 1, 2),
    "mid": (50, 64, 256, 512, 2, 1),
    "big": (64, 64, 512, 1024, 1, 1),
}
# Those that are also measured with rondo's weights in these types, ONNX Runtime's in int8, the other peers' in f32.
SMALL_WEIGHTS = ("int8", "w8a8")
SMALL_LAYERS = ("tagger", "mid", "big")

# One step of one sequence: H = D. rondo's weights in each of these types, the peers' always in f32.
STREAMS = {"f32": (20, 128, 256, 512, 1024), "int8": (128, 256, 512, 1024), "w8a8": (128, 256, 512, 1024)}
STREAM_ROWS = 16  # different inputs, used in turn

# One product, rows [M, K] by weights [N, K]: M, K, N.
PRODUCTS = {
    "projection_small": (700, 200, 10000),  # the words of Zaremba's language models
    "projection_medium": (700, 650, 10000),
    "gates_mid": (3200, 256, 2048),  # the first layer's input of shape mid
    "square": (1024, 1024, 1024),
}

# From the start of a process to one prediction: a text of 20 tokens. (rondo's side is `rondo predict`.)
START = (20, 1, 128, 128, 1, 2)

# Lengths of 64 reviews of ChnSentiCorp's hotels, drawn at random from its training part, in characters (Chinese ones
# one by one, words and numbers whole), cut to 400: two batches.
HOTEL_LENGTHS = (
    61, 35, 155, 159, 49, 230, 48, 86, 178, 67, 56, 123, 124, 211, 23, 70, 34, 400, 37, 52, 35, 105, 95, 105, 257,
    94, 137, 25, 107, 77, 36, 163, 54, 42, 70, 201, 58, 77, 115, 27, 55, 68, 65, 160, 78, 139, 33, 190, 148, 23,
    91, 104, 26, 258, 30, 45, 232, 110, 231, 72, 20, 52, 120, 51)

# Tokens are drawn as words come in texts, the i-th commonest with a share of 1/i. Of the 3 200 words of a batch of the
# sentiment model 44 % are distinct ones; of 32 reviews of IMDB, cut to 100 words, it is 31 %. Of the language models'
# 700 it is 55 %, and of the Penn Treebank's 53 %.
LAW = "Zipf"

# Whole training steps. `embedding` 0: one-hot rows. `each_step`: a label for every token, else one a sequence.
# `unit` is what speed is counted in.
STEPS = {
    # Zaremba, Sutskever, Vinyals 2014 on the Penn Treebank's 10 000 words.
    "zaremba_small": {"sizes": (35, 20, 200, 200, 2, 1), "vocab": 10000, "embedding": 1, "classes": 10000,
                      "each_step": 1, "optimizer": "sgd", "rate": 0.1, "clip": 5, "dropout": 0, "unit": "words"},
    "zaremba_medium": {"sizes": (35, 20, 650, 650, 2, 1), "vocab": 10000, "embedding": 1, "classes": 10000,
                       "each_step": 1, "optimizer": "sgd", "rate": 0.1, "clip": 5, "dropout": 0.5, "unit": "words"},
    # Keras' imdb_lstm.py, its texts cut to 100 words.
    "keras_sentiment": {"sizes": (100, 32, 128, 128, 1, 1), "vocab": 20000, "embedding": 1, "classes": 2,
                        "each_step": 0, "optimizer": "adam", "rate": 0.001, "clip": 0, "dropout": 0,
                        "unit": "sequences"},
    # char-rnn on Shakespeare's 65 characters, one-hot.
    "char_2x512": {"sizes": (50, 50, 65, 512, 2, 1), "vocab": 65, "embedding": 0, "classes": 65, "each_step": 1,
                   "optimizer": "adam", "rate": 0.001, "clip": 5, "dropout": 0, "unit": "characters"},
    "hotel_bidirectional": {"sizes": (400, 32, 128, 128, 1, 2), "vocab": 5000, "embedding": 1, "classes": 2,
                            "each_step": 0, "optimizer": "adam", "rate": 0.001, "clip": 0, "dropout": 0,
                            "lengths": HOTEL_LENGTHS, "unit": "tokens"},
}


@dataclasses.dataclass(frozen=True)
class Case:
    suite: str
    cell: str
    shape: str
    mode: str
    threads: int
    sizes: tuple
    step: dict = dataclasses.field(default=None, hash=False)  # of STEPS
    weights: str = "f32"

    def __getattr__(self, name):
        if name in SIZES:
            return self.sizes[SIZES.index(name)]
        raise AttributeError(name)

    @property
    def name(self):
        return f"{self.suite}/{self.cell}/{self.shape}/{self.mode}/{self.threads}"

    @property
    def lengths(self):
        """Of all sequences of a pass."""
        return (self.step or {}).get("lengths") or (self.steps,) * self.batch

    @property
    def unit(self):
        return self.step["unit"] if self.step else {"stream": "steps", "product": "rows"}.get(self.suite, "tokens")

    @property
    def units(self):
        """How many units one pass works on."""
        return len(self.lengths) if self.unit == "sequences" else sum(self.lengths)

    def width_into(self, layer):
        return self.input if layer == 0 else self.directions * self.hidden

    def operations(self):
        """Multiplications and additions of the products of one pass; 0 where they are not the point."""
        if self.suite == "start":
            return 0
        if self.suite == "product":
            return 2 * self.batch * self.input * self.hidden
        tokens, backward = sum(self.lengths), 2 if self.mode == "training" else 0
        total = 0
        for layer in range(self.layers):
            per_input = 2 * GATES[self.cell] * self.hidden * self.directions * tokens
            needs_dx = layer > 0 or not self.step or self.step["embedding"]
            total += per_input * self.width_into(layer) * (1 + (backward if needs_dx else backward / 2))
            total += per_input * self.hidden * (1 + backward)
        if self.step:
            rows = tokens if self.step["each_step"] else len(self.lengths)
            total += 2 * self.step["classes"] * self.directions * self.hidden * rows * (1 + backward)
        return round(total)

    def arguments(self, data):
        """What a peer is started with."""
        words = {"suite": self.suite, "cell": self.cell, "mode": self.mode, "threads": self.threads, "once": 0,
                 "data": data, "weights": self.weights, **dict(zip(SIZES, self.sizes))}
        if self.step:
            words.update({key: value for key, value in self.step.items() if key not in ("sizes", "lengths", "unit")})
        return {key: str(value) for key, value in words.items()}


def cases(threads):
    """Every case, the cheap ones of a suite first."""
    for shape, sizes in LAYERS.items():
        for cell in GATES:
            for mode in ("inference", "training"):
                for count in threads:
                    yield Case("layer", cell, shape, mode, count, sizes)
    for shape in SMALL_LAYERS:
        for weights in SMALL_WEIGHTS:
            for count in threads:
                yield Case("layer", "lstm", f"{shape}_{weights}", "inference", count, LAYERS[shape], weights=weights)
    for shape, step in STEPS.items():
        for count in threads:
            yield Case("step", "lstm", shape, "training", count, step["sizes"], step)
    for weights, widths in STREAMS.items():
        for hidden in widths:
            shape = f"h{hidden}" if weights == "f32" else f"h{hidden}_{weights}"
            for count in threads:
                yield Case("stream", "lstm", shape, "inference", count, (1, 1, hidden, hidden, 1, 1), weights=weights)
    for shape, (rows, depth, columns) in PRODUCTS.items():
        for count in threads:
            yield Case("product", "none", shape, "inference", count, (1, rows, depth, columns, 1, 1))
    yield Case("start", "lstm", "first_prediction", "inference", 1, START)


def parameters(case):
    """Name and shape of every parameter, as PyTorch has them."""
    if case.suite == "product":
        yield "weight", (case.hidden, case.input)
        return
    rows = GATES[case.cell] * case.hidden
    prefix = "lstm." if case.step else ""
    for layer in range(case.layers):
        for suffix in ("", "_reverse")[:case.directions]:
            yield f"{prefix}weight_ih_l{layer}{suffix}", (rows, case.width_into(layer))
            yield f"{prefix}weight_hh_l{layer}{suffix}", (rows, case.hidden)
            yield f"{prefix}bias_ih_l{layer}{suffix}", (rows,)
            yield f"{prefix}bias_hh_l{layer}{suffix}", (rows,)
    if case.step:
        if case.step["embedding"]:
            yield "embedding.weight", (case.step["vocab"], case.input)
        yield "output.weight", (case.step["classes"], case.directions * case.hidden)
        yield "output.bias", (case.step["classes"],)


def make_inputs(case, root):
    """Writes the inputs of a case below root, unless they are there already; the folder. Modes and numbers of threads
    share them."""
    digest = zlib.crc32(repr((case.sizes, case.step, LAW)).encode())
    folder = pathlib.Path(root) / f"{case.suite}-{case.cell}-{case.shape}-{digest:08x}"
    wanted = {f"{name}.f32": lambda name=name, shape=shape: _uniform(case, name, math.prod(shape), case.hidden ** -0.5)
              for name, shape in parameters(case)}
    if case.step:
        tokens = sum(case.lengths)
        labels = tokens if case.step["each_step"] else len(case.lengths)
        wanted["lengths.i32"] = lambda: array.array("i", case.lengths)
        wanted["ids.i32"] = lambda: _words(case, "ids", tokens, case.step["vocab"])
        wanted["labels.i32"] = lambda: _whole(case, "labels", labels, case.step["classes"])
    else:
        rows = STREAM_ROWS if case.suite == "stream" else case.steps * case.batch
        wanted["x.f32"] = lambda: _uniform(case, "x", rows * case.input, 1)
        if case.suite == "layer":
            wanted["dy.f32"] = lambda: _uniform(case, "dy", rows * case.directions * case.hidden, 1)
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in wanted.items():
        path = folder / name
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_bytes(make().tobytes())
            part.replace(path)
    return folder


def _random(case, name):
    return random.Random(f"{case.suite}/{case.cell}/{case.shape}/{name}")


def _uniform(case, name, count, scale):
    draw = _random(case, name).random
    return array.array("f", (scale * (2 * draw() - 1) for _ in range(count)))


def _words(case, name, count, vocab):
    shares = [1 / rank for rank in range(1, vocab + 1)]
    return array.array("i", _random(case, name).choices(range(vocab), weights=shares, k=count))


def _whole(case, name, count, below):
    draw = _random(case, name).random
    return array.array("i", (int(below * draw()) for _ in range(count)))
