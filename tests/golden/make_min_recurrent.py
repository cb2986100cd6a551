#!/usr/bin/python3
"""Writes min_recurrent.safetensors: minGRU and minLSTM (Feng et al. 2024) and their gradients, in f64, from PyTorch.

The sequential form of the paper's appendix B, each sequence by itself. Rows are packed: time-major, longest first. The
loss whose gradients are stored is sum(outputs * loss) + sum(h * loss_h), where h are the final states.

Usage: /usr/bin/python3 make_min_recurrent.py   (writes beside itself; the same inputs every time)
"""
import pathlib

import numpy as np
import torch

from write import draw, write_safetensors

INPUT, UNITS, LENGTHS = 3, 5, [9, 7, 7, 4]
rng = np.random.default_rng(29)
GATES = {"min_gru": ["linear_z", "linear_h"], "min_lstm": ["linear_f", "linear_i", "linear_h"]}


def packed_rows():
    return [(t, i) for t in range(max(LENGTHS)) for i in range(len(LENGTHS)) if LENGTHS[i] > t]


def step(kind, weights, x, h):
    def gate(name):
        return weights[f"{name}.weight"] @ x + weights[f"{name}.bias"]
    if kind == "min_gru":
        z = torch.sigmoid(gate("linear_z"))
        return (1 - z) * h + z * gate("linear_h")
    forget, admit = torch.sigmoid(gate("linear_f")), torch.sigmoid(gate("linear_i"))
    total = forget + admit
    return forget / total * h + admit / total * gate("linear_h")


def case(kind):
    made = {"x": draw(rng, sum(LENGTHS), INPUT), "h0": draw(rng, len(LENGTHS), UNITS)}
    for name in GATES[kind]:
        made[f"{name}.weight"], made[f"{name}.bias"] = draw(rng, UNITS, INPUT), draw(rng, UNITS)
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in made.items()}
    states, outputs = {}, []
    for row, (_, sequence) in enumerate(packed_rows()):
        before = states.get(sequence, leaves["h0"][sequence])
        states[sequence] = step(kind, leaves, leaves["x"][row], before)
        outputs.append(states[sequence])
    outputs, h = torch.stack(outputs), torch.stack([states[i] for i in range(len(LENGTHS))])
    made["loss"], made["loss_h"] = draw(rng, *outputs.shape), draw(rng, *h.shape)
    ((outputs * torch.tensor(made["loss"])).sum() + (h * torch.tensor(made["loss_h"])).sum()).backward()
    gradients = {f"d.{name}": leaf.grad.numpy() for name, leaf in leaves.items()}
    return {**made, "outputs": outputs.detach().numpy(), "h": h.detach().numpy(), **gradients}


if __name__ == "__main__":
    torch.set_num_threads(1)
    tensors = {}
    for kind in GATES:
        tensors.update({f"{kind}/{name}": value for name, value in case(kind).items()})
    write_safetensors(pathlib.Path(__file__).with_name("min_recurrent.safetensors"), tensors)
