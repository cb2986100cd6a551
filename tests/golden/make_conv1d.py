#!/usr/bin/python3
"""Writes conv1d.safetensors: convolutions over time and their gradients, in f64, from PyTorch.

Each sequence by itself through torch.nn.functional.conv1d. PyTorch's own padding "same" where it has it (a stride of
1); with a stride, and for "causal", zeros are put around the sequence as Keras does it.

A case is PADDING.SIZE.STRIDE.DILATION. Rows are packed: time-major, longest first. The loss whose gradients are stored
is sum(outputs * loss).

Usage: /usr/bin/python3 make_conv1d.py   (writes beside itself; the same inputs every time)
"""
import pathlib

import numpy as np
import torch
from torch.nn import functional

from write import draw, write_safetensors

INPUT, FILTERS, LENGTHS = 3, 4, [9, 7, 7, 5]
rng = np.random.default_rng(23)


def packed_rows(lengths):
    return [(t, i) for t in range(max(lengths)) for i in range(len(lengths)) if lengths[i] > t]


def packed(sequences):
    return torch.stack([sequences[i][t] for t, i in packed_rows([len(s) for s in sequences])])


def convolve(x, weight, bias, padding, size, stride, dilation):
    """One sequence [T, INPUT]."""
    span, length = dilation * (size - 1) + 1, len(x)
    x = x.T.unsqueeze(0)
    if padding == "causal":
        x = functional.pad(x, (span - 1, 0))
    elif padding == "same" and stride > 1:
        total = max((-(-length // stride) - 1) * stride + span - length, 0)
        x = functional.pad(x, (total // 2, total - total // 2))
    own = "same" if padding == "same" and stride == 1 else 0
    return functional.conv1d(x, weight, bias, stride=stride, padding=own, dilation=dilation)[0].T


def case(padding, size, stride, dilation):
    made = {"x": draw(rng, sum(LENGTHS), INPUT), "weight": draw(rng, FILTERS, INPUT, size), "bias": draw(rng, FILTERS)}
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in made.items()}
    rows = packed_rows(LENGTHS)
    sequences = [leaves["x"][[k for k, (_, i) in enumerate(rows) if i == sequence]] for sequence in range(len(LENGTHS))]
    options = padding, size, stride, dilation
    outputs = packed([convolve(s, leaves["weight"], leaves["bias"], *options) for s in sequences])
    made["loss"] = draw(rng, *outputs.shape)
    (outputs * torch.tensor(made["loss"])).sum().backward()
    gradients = {f"d.{name}": leaf.grad.numpy() for name, leaf in leaves.items()}
    return {**made, "outputs": outputs.detach().numpy(), **gradients}


if __name__ == "__main__":
    torch.set_num_threads(1)
    tensors = {}
    for options in [(p, s, t, d) for p in ("valid", "same", "causal") for s, t, d in
                    [(1, 1, 1), (2, 1, 1), (3, 1, 1), (3, 2, 1), (2, 3, 1), (3, 1, 2), (2, 2, 3)]]:
        key = ".".join(map(str, options))
        tensors.update({f"{key}/{name}": value for name, value in case(*options).items()})
    write_safetensors(pathlib.Path(__file__).with_name("conv1d.safetensors"), tensors)
