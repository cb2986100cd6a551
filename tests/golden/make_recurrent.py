#!/usr/bin/python3
"""Writes recurrent.safetensors: what the recurrent operations must compute, in f64.

Simple RNN, LSTM and GRU (reset after): outputs, final states and all gradients from PyTorch (Debian 12's
python3-torch 1.13). GRU, reset before: a numpy loop of the formulas, gradients by the complex step
(Im f(x + i eps) / eps has no rounding error of its own), so that no derivative is worked out by hand.

A case is CELL.LAYERS.DIRECTIONS.LENGTHS. Rows are packed: time-major, longest first. The loss whose gradients
are stored is sum(outputs * loss.outputs) + sum(h * loss.h) + sum(c * loss.c).

Usage: /usr/bin/python3 make_recurrent.py   (writes beside itself; the same inputs every time)
"""
import pathlib

import numpy as np
import torch
from torch.nn.utils.rnn import PackedSequence, pack_sequence

import write

INPUT, HIDDEN = 5, 7
LENGTHS = {"equal": [4, 4, 4], "ragged": [6, 3, 3, 1], "one": [1, 1, 1]}
MODULES = {
    "rnn_tanh": (torch.nn.RNN, {"nonlinearity": "tanh"}),
    "rnn_relu": (torch.nn.RNN, {"nonlinearity": "relu"}),
    "lstm": (torch.nn.LSTM, {}),
    "gru": (torch.nn.GRU, {}),
}
rng = np.random.default_rng(20)


def draw(*shape):
    return write.draw(rng, *shape)


def operands(lengths, directions, layers, has_c):
    """Inputs, initial states and the loss's weights."""
    count, width = len(lengths), directions * HIDDEN
    made = {"x": draw(sum(lengths), INPUT), "loss.outputs": draw(sum(lengths), width)}
    for state in ["h", "c"] if has_c else ["h"]:
        made[f"{state}0"] = draw(layers, count, width)
        made[f"loss.{state}"] = draw(layers, count, width)
    return made


def by_direction(state, layers, directions):
    """[layers, count, directions * H] to PyTorch's [layers * directions, count, H]."""
    count = state.shape[1]
    return state.reshape(layers, count, directions, HIDDEN).transpose(1, 2).reshape(-1, count, HIDDEN)


def side_by_side(state, layers, directions):
    """The way back."""
    count = state.shape[1]
    return state.reshape(layers, directions, count, HIDDEN).transpose(1, 2).reshape(layers, count, -1)


def torch_case(module, lengths, made, directions, layers):
    leaves = {name: torch.tensor(value, requires_grad=not name.startswith("loss")) for name, value in made.items()}
    sizes = pack_sequence([torch.zeros(n, 1) for n in lengths]).batch_sizes
    has_c = "c0" in made
    states = [by_direction(leaves[name], layers, directions) for name in (["h0", "c0"] if has_c else ["h0"])]
    module.zero_grad()
    outputs, final = module(PackedSequence(leaves["x"], sizes), tuple(states) if has_c else states[0])
    loss = (outputs.data * leaves["loss.outputs"]).sum()
    results = {"outputs": outputs.data}
    for name, state in zip("hc", final if has_c else (final,)):
        results[name] = side_by_side(state, layers, directions)
        loss = loss + (results[name] * leaves[f"loss.{name}"]).sum()
    loss.backward()
    results.update({f"d.{name}": leaf.grad for name, leaf in leaves.items() if leaf.grad is not None})
    results.update({f"d.{name}": weight.grad.clone() for name, weight in module.named_parameters()})
    return {name: value.detach().numpy() for name, value in results.items()}


def torch_cases(tensors):
    for cell, (kind, options) in MODULES.items():
        for layers in 1, 3:
            for directions in 1, 2:
                module = kind(INPUT, HIDDEN, layers, bidirectional=directions == 2, **options).double()
                key = f"{cell}.{layers}.{directions}"
                for name, weight in module.named_parameters():
                    value = draw(*weight.shape) / 2
                    weight.data = torch.tensor(value)
                    tensors[f"{key}/{name}"] = value
                for lengths_name, lengths in LENGTHS.items():
                    made = operands(lengths, directions, layers, cell == "lstm")
                    results = torch_case(module, lengths, made, directions, layers)
                    for name, value in {**made, **results}.items():
                        tensors[f"{key}.{lengths_name}/{name}"] = value


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def reset_before(values, lengths, directions):
    """GRU, reset before the product: outputs and final h, sequence by sequence, step by step."""
    count, rows = len(lengths), sum(lengths)
    begins = np.concatenate([[0], np.cumsum([sum(n > t for n in lengths) for t in range(max(lengths))])])
    outputs = np.zeros((rows, directions * HIDDEN), complex)
    final = np.zeros((count, directions * HIDDEN), complex)
    for direction in range(directions):
        suffix = "_l0" + ("_reverse" if direction else "")
        w, u = values["weight_ih" + suffix], values["weight_hh" + suffix]
        b = values["bias_ih" + suffix] + values["bias_hh" + suffix]
        part = slice(direction * HIDDEN, (direction + 1) * HIDDEN)
        r_, z_, n_ = (slice(gate * HIDDEN, (gate + 1) * HIDDEN) for gate in range(3))
        for i, length in enumerate(lengths):
            h = values["h0"][0, i, part]
            for t in reversed(range(length)) if direction else range(length):
                x = values["x"][begins[t] + i]
                r = sigmoid(w[r_] @ x + u[r_] @ h + b[r_])
                z = sigmoid(w[z_] @ x + u[z_] @ h + b[z_])
                n = np.tanh(w[n_] @ x + u[n_] @ (r * h) + b[n_])
                h = z * h + (1 - z) * n
                outputs[begins[t] + i, part] = h
            final[i, part] = h
    return outputs, final[None]


def reset_before_case(weights, lengths, directions):
    made = operands(lengths, directions, 1, False)
    values = {name: value.astype(complex) for name, value in {**weights, **made}.items()}
    outputs, h = reset_before(values, lengths, directions)
    results = {"outputs": outputs.real, "h": h.real}
    for name in [*weights, "x", "h0"]:
        gradient = np.zeros(values[name].shape)
        for place in np.ndindex(gradient.shape):
            values[name][place] += 1e-40j
            outputs, h = reset_before(values, lengths, directions)
            loss = (outputs * made["loss.outputs"]).sum() + (h * made["loss.h"]).sum()
            gradient[place] = loss.imag / 1e-40
            values[name][place] = values[name][place].real
        results[f"d.{name}"] = gradient
    return {**made, **results}


def reset_before_cases(tensors):
    for directions in 1, 2:
        key = f"gru_reset_before.1.{directions}"
        weights = {}
        for suffix in ["_l0", "_l0_reverse"][:directions]:
            weights["weight_ih" + suffix] = draw(3 * HIDDEN, INPUT) / 2
            weights["weight_hh" + suffix] = draw(3 * HIDDEN, HIDDEN) / 2
            weights["bias_ih" + suffix] = draw(3 * HIDDEN) / 2
            weights["bias_hh" + suffix] = draw(3 * HIDDEN) / 2
        tensors.update({f"{key}/{name}": value for name, value in weights.items()})
        for lengths_name, lengths in LENGTHS.items():
            for name, value in reset_before_case(weights, lengths, directions).items():
                tensors[f"{key}.{lengths_name}/{name}"] = value


if __name__ == "__main__":
    torch.set_num_threads(1)
    all_tensors = {}
    torch_cases(all_tensors)
    reset_before_cases(all_tensors)
    write.write_safetensors(pathlib.Path(__file__).with_name("recurrent.safetensors"), all_tensors)
