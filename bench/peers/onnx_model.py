"""Writes recurrent layers as an ONNX model, byte by byte: a handful of protobuf messages need no library.

Field numbers are those of onnx.proto. Operators are those of opset 12 (LSTM, GRU, RNN, Squeeze).
"""
import pathlib

from shapes import GATES

FLOAT = 1
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


def tensor(name, shape, data):
    return b"".join(field(1, size) for size in shape) + field(2, FLOAT) + field(8, name) + field(9, data)


def value_info(name, shape):
    dimensions = b"".join(field(1, field(1, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, FLOAT) + field(2, dimensions)))


def attribute(name, value):
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, INT_ATTRIBUTE)
    if isinstance(value, str):
        return field(1, name) + field(4, value) + field(20, STRING_ATTRIBUTE)
    return field(1, name) + b"".join(field(8, item) for item in value) + field(20, INTS_ATTRIBUTE)


def node(kind, inputs, outputs, **attributes):
    return (b"".join(field(1, name) for name in inputs) + b"".join(field(2, name) for name in outputs)
            + field(4, kind) + b"".join(field(5, attribute(name, value)) for name, value in attributes.items()))


def reordered(cell, data):
    """The gates' blocks of a matrix or vector in ONNX's order."""
    block = len(data) // GATES[cell]
    return b"".join(data[gate * block:(gate + 1) * block] for gate in ORDER[cell])


def layer_tensors(case, folder, layer):
    """W [directions, gates · H, D], R and B (both biases, one after the other) of a layer."""
    suffixes = [f"_l{layer}{suffix}" for suffix in ("", "_reverse")[:case.directions]]
    rows = GATES[case.cell] * case.hidden

    def read(kind, suffix):
        return reordered(case.cell, pathlib.Path(folder, f"{kind}{suffix}.f32").read_bytes())

    yield tensor(f"W{layer}", (case.directions, rows, case.width_into(layer)),
                 b"".join(read("weight_ih", suffix) for suffix in suffixes))
    yield tensor(f"R{layer}", (case.directions, rows, case.hidden),
                 b"".join(read("weight_hh", suffix) for suffix in suffixes))
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
        extra = {"linear_before_reset": 1} if case.cell == "gru" else {}
        nodes.append(node(case.cell.upper(), inputs, outputs, hidden_size=case.hidden,
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
    return field(1, 7) + field(7, graph) + field(8, field(1, "") + field(2, 12))
