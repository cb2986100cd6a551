"""Writes recurrent layers as an ONNX model, byte by byte: a handful of protobuf messages need no library.

Field numbers are those of onnx.proto. Operators are those of opset 12 (LSTM, GRU, RNN, Squeeze); with weights of 8 bits
ONNX Runtime's own DynamicQuantizeLSTM.
"""
import array
import pathlib

from shapes import GATES

FLOAT, INT8 = 1, 3
MICROSOFT = "com.microsoft"  # ONNX Runtime's own operators
INT_ATTRIBUTE, STRING_ATTRIBUTE, INTS_ATTRIBUTE = 2, 3, 7
# Which of PyTorch's blocks (i f g o; r z n) stands where in ONNX (i o f g; z r n).
ORDER = {"lstm": (0, 3, 1, 2), "gru": (1, 0, 2), "rnn": (0,)}


def varint(value):
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def field(number, value):
    """A field of a message: a whole number, or bytes (text, a message)."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name, shape, data, kind=FLOAT):
    return b"".join(field(1, size) for size in shape) + field(2, kind) + field(8, name) + field(9, data)


def value_info(name, shape):
    dimensions = b"".join(field(1, field(1, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, FLOAT) + field(2, dimensions)))


def attribute(name, value):
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, INT_ATTRIBUTE)
    if isinstance(value, str):
        return field(1, name) + field(4, value) + field(20, STRING_ATTRIBUTE)
    return field(1, name) + b"".join(field(8, item) for item in value) + field(20, INTS_ATTRIBUTE)


def node(kind, inputs, outputs, domain="", **attributes):
    return (b"".join(field(1, name) for name in inputs) + b"".join(field(2, name) for name in outputs)
            + field(4, kind) + b"".join(field(5, attribute(name, value)) for name, value in attributes.items())
            + field(7, domain))


def reordered(cell, data):
    """The gates' blocks of a matrix or vector in ONNX's order."""
    block = len(data) // GATES[cell]
    return b"".join(data[gate * block:(gate + 1) * block] for gate in ORDER[cell])


def in_int8(case):
    """Single steps are f32 here, also beside rondo's of 8 bits."""
    return case.weights != "f32" and case.suite == "layer"


def quantized(rows, data):
    """A matrix in int8, transposed, and the scale of each of its rows: its largest magnitude is 127."""
    values = array.array("f")
    values.frombytes(data)
    width = len(values) // rows
    whole, scales = array.array("b", bytes(len(values))), array.array("f")
    for row in range(rows):
        own = values[row * width:(row + 1) * width]
        scales.append(max(map(abs, own)) / 127 or 1)
        whole[row::rows] = array.array("b", (round(value / scales[row]) for value in own))
    return whole.tobytes(), scales.tobytes()


def matrices(case, name, rows, width, parts):
    """A matrix of each direction, [directions, rows, width]; in int8 [directions, width, rows] with scales and zero points."""
    if not in_int8(case):
        yield tensor(name, (case.directions, rows, width), b"".join(parts))
        return
    whole, scales = zip(*(quantized(rows, part) for part in parts))
    yield tensor(name, (case.directions, width, rows), b"".join(whole), INT8)
    yield tensor(f"{name}_scale", (case.directions, rows), b"".join(scales))
    yield tensor(f"{name}_zero", (case.directions, rows), bytes(case.directions * rows), INT8)


def layer_tensors(case, folder, layer):
    """W [directions, gates · H, D], R and B (both biases, one after the other) of a layer."""
    suffixes = [f"_l{layer}{suffix}" for suffix in ("", "_reverse")[:case.directions]]
    rows = GATES[case.cell] * case.hidden

    def read(kind, suffix):
        return reordered(case.cell, pathlib.Path(folder, f"{kind}{suffix}.f32").read_bytes())

    yield from matrices(case, f"W{layer}", rows, case.width_into(layer),
                        [read("weight_ih", suffix) for suffix in suffixes])
    yield from matrices(case, f"R{layer}", rows, case.hidden, [read("weight_hh", suffix) for suffix in suffixes])
    yield tensor(f"B{layer}", (case.directions, 2 * rows),
                 b"".join(read(kind, suffix) for suffix in suffixes for kind in ("bias_ih", "bias_hh")))


def model(case, folder):
    """The bytes of a model: x -> y over whole sequences, or (x, h, c) -> (next_h, next_c) for one step."""
    nodes, tensors = [], []
    below = "x"
    stream = case.suite == "stream"
    for layer in range(case.layers):
        tensors += layer_tensors(case, folder, layer)
        last = layer == case.layers - 1
        inputs = [below, f"W{layer}", f"R{layer}", f"B{layer}"] + (["", "h", "c"] if stream else [])
        outputs = ["", "next_h", "next_c"] if stream else ["y" if last else f"y{layer}"]
        extra, kind = {"linear_before_reset": 1} if case.cell == "gru" else {}, case.cell.upper()
        if in_int8(case):
            inputs += ["", "", "", ""] + [f"{name}{layer}_{part}" for name in "WR" for part in ("scale", "zero")]
            extra, kind = {"domain": MICROSOFT}, "DynamicQuantizeLSTM"
        nodes.append(node(kind, inputs, outputs, hidden_size=case.hidden,
                          direction="bidirectional" if case.directions == 2 else "forward", **extra))
        if not last:
            if case.directions != 1:
                raise ValueError("stacked layers of two directions would need a Transpose")
            below = f"x{layer + 1}"
            nodes.append(node("Squeeze", [f"y{layer}"], [below], axes=[1]))
    state = (1, case.batch, case.hidden)
    given, results = [("x", (case.steps, case.batch, case.input))], []
    if stream:
        given += [("h", state), ("c", state)]
        results = [("next_h", state), ("next_c", state)]
    else:
        results = [("y", (case.steps, case.directions, case.batch, case.hidden))]
    graph = (b"".join(field(1, item) for item in nodes) + field(2, "layers")
             + b"".join(field(5, item) for item in tensors)
             + b"".join(field(11, value_info(*item)) for item in given)
             + b"".join(field(12, value_info(*item)) for item in results))
    return (field(1, 7) + field(7, graph) + field(8, field(1, "") + field(2, 12))
            + field(8, field(1, MICROSOFT) + field(2, 1)))
