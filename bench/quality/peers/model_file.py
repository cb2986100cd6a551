"""Weights and preprocessing out of a model file of rondo (docs/model-file.md)."""
import json
import struct

import torch


def read(path):
    """The header, with its long texts in their places, and the f32 arrays by name."""
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        index, data = json.loads(file.read(size)), file.read()
    rondo = json.loads(index.pop("__metadata__")["rondo"])
    arrays = {name: (entry, data[slice(*entry["data_offsets"])]) for name, entry in index.items()}
    weights = {name: torch.frombuffer(bytearray(content), dtype=torch.float32).view(entry["shape"])
               for name, (entry, content) in arrays.items() if entry["dtype"] == "F32"}
    return _filled(rondo, {name: content for name, (_, content) in arrays.items()}), weights


def _filled(part, arrays):
    if isinstance(part, list):
        return [_filled(entry, arrays) for entry in part]
    if not isinstance(part, dict):
        return part
    if set(part) == {"/array"}:
        return arrays[part["/array"]].decode("utf-8")
    if set(part) == {"/bytes"}:
        return arrays[part["/bytes"]]
    return {key: _filled(entry, arrays) for key, entry in part.items()}


def take(module, weights, prefix):
    """A module's parameters from the arrays that begin with its name."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(weights[f"{prefix}.{name}"])
