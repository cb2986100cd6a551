"""Writes arrays as a safetensors file of f64, for the scripts beside it."""
import json
import struct

import numpy as np


def draw(rng, *shape):
    """Multiples of 2^-19 in [-1, 1]: f32 holds them exactly."""
    return np.round(rng.uniform(-1, 1, shape) * 2**19) / 2**19


def write_safetensors(path, tensors):
    header, offset = {}, 0
    for name, value in sorted(tensors.items()):
        header[name] = {"dtype": "F64", "shape": list(value.shape), "data_offsets": [offset, offset + value.nbytes]}
        offset += value.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(np.ascontiguousarray(value, "<f8").tobytes() for _, value in sorted(tensors.items()))
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
