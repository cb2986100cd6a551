#!/usr/bin/python3
"""Writes trees.safetensors: networks over trees node by node, and their gradients, in f64, from PyTorch.

RvNN, SU-RNN (weights by a pair's number), RNTN, MV-RNN and both Tree-LSTMs over a small forest, straight from the papers'
equations. Rows are in the order of height, then tree, then node. The loss whose gradients are stored is the sum of all
results times fixed numbers.

Usage: /usr/bin/python3 make_trees.py   (writes beside itself; the same inputs every time)
"""
import pathlib

import torch
import numpy as np

from write import draw, write_safetensors

# For each tree the parent of each node; nodes of one child, and a tree of one word.
BINARY = [[-1, 0, 1, 1, 0, 4, 4], [1, -1, 1], [-1], [1, 2, 3, -1], [-1, 0, 1, 2, 2, 1, 5, 0]]
MANY = [[-1, 0, 0, 0, 3, 3], [-1], [2, 0, -1, 2, 2, 2], [-1, 0, 1, 2]]
D, INPUT, UNITS, PAIRS, RANK = 3, 3, 4, 3, 2
rng = np.random.default_rng(31)


def rows_of(trees):
    """(tree, node) of each row, and the rows of each row's children."""
    def height(parents, node):
        below = [height(parents, child) for child, parent in enumerate(parents) if parent == node]
        return 1 + max(below) if below else 0
    order = sorted((height(parents, node), tree, node)
                   for tree, parents in enumerate(trees) for node in range(len(parents)))
    row = {(tree, node): i for i, (_, tree, node) in enumerate(order)}
    children = [[row[tree, child] for child, parent in enumerate(trees[tree]) if parent == node]
                for _, tree, node in order]
    return order, children


def run(trees, made, leaf, inner):
    """Results of all rows: leaf(i) and inner(row, children's results)."""
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in made.items()}
    order, children = rows_of(trees)
    states = []
    for row in range(len(order)):
        below = [states[child] for child in children[row]]
        states.append(inner(tensors, row, below) if below else leaf(tensors, row))
    results = {"y%d" % part: torch.stack([state[part] for state in states]) for part in range(len(states[0]))}
    losses = {"loss%d" % part: draw(rng, *results["y%d" % part].shape) for part in range(len(results))}
    sum((results["y" + name[4:]] * torch.tensor(value)).sum() for name, value in losses.items()).backward()
    return {**made, **losses, **{name: value.detach().numpy() for name, value in results.items()},
            **{"d." + name: value.grad.numpy() for name, value in tensors.items()}}


def vector_case(kind):
    order, _ = rows_of(BINARY)
    leaves, rows = sum(height == 0 for height, _, _ in order), len(order)
    pairs = kind == "su_rnn"
    made = {"x": draw(rng, leaves, D), "weight": draw(rng, *([PAIRS] * pairs), D, 2 * D),
            "bias": draw(rng, *([PAIRS] * pairs), D)}
    if kind == "rntn":
        made["tensor"] = draw(rng, D, 2 * D, 2 * D)

    def inner(t, row, below):
        z = torch.cat([below[0][0], below[1][0] if len(below) > 1 else torch.zeros(D, dtype=torch.float64)])
        weight, bias = (t["weight"][row % PAIRS], t["bias"][row % PAIRS]) if pairs else (t["weight"], t["bias"])
        before = weight @ z + bias
        if kind == "rntn":
            before = before + torch.stack([z @ t["tensor"][k] @ z for k in range(D)])
        return (torch.tanh(before),)
    return run(BINARY, made, lambda t, row: (t["x"][row],), inner)


def matrix_case():
    order, _ = rows_of(BINARY)
    leaves = sum(height == 0 for height, _, _ in order)
    made = {"x": draw(rng, leaves, D), "u": draw(rng, leaves, D * RANK), "v": draw(rng, leaves, RANK * D),
            "s": draw(rng, leaves, D), "weight": draw(rng, D, 2 * D), "bias": draw(rng, D),
            "matrix_weight": draw(rng, D, 2 * D)}

    def leaf(t, row):
        matrix = t["u"][row].reshape(D, RANK) @ t["v"][row].reshape(RANK, D) + torch.diag(t["s"][row])
        return t["x"][row], matrix.T.reshape(-1)

    def inner(t, row, below):
        def matrix(k):
            return below[k][1].reshape(D, D).T if k < len(below) else torch.eye(D, dtype=torch.float64)
        a, b = below[0][0], below[1][0] if len(below) > 1 else torch.zeros(D, dtype=torch.float64)
        first, second = matrix(0), matrix(1)
        p = torch.tanh(t["weight"] @ torch.cat([second @ a, first @ b]) + t["bias"])
        return p, (t["matrix_weight"] @ torch.cat([first, second])).T.reshape(-1)
    return run(BINARY, made, leaf, inner)


def lstm_case(kind, everywhere):
    trees = BINARY if kind == "binary" else MANY
    order, _ = rows_of(trees)
    inputs = len(order) if everywhere else sum(height == 0 for height, _, _ in order)
    gates, width = (5, 2 * UNITS) if kind == "binary" else (4, UNITS)
    made = {"x": draw(rng, inputs, INPUT), "weight_x": draw(rng, gates * UNITS, INPUT),
            "weight_h": draw(rng, gates * UNITS, width), "bias": draw(rng, gates * UNITS)}
    none = torch.zeros(UNITS, dtype=torch.float64)

    def state(t, row, below):
        before = t["bias"] + (t["weight_x"] @ t["x"][row] if row < inputs else 0)
        if kind == "binary":
            hs = [below[k][0] if k < len(below) else none for k in range(2)]
            cs = [below[k][1] if k < len(below) else none for k in range(2)]
            i, fl, fr, g, o = (before + t["weight_h"] @ torch.cat(hs)).split(UNITS)
            c = torch.sigmoid(i) * torch.tanh(g) + torch.sigmoid(fl) * cs[0] + torch.sigmoid(fr) * cs[1]
        else:
            total = sum((h for h, _ in below), none)
            i, f, g, o = before.split(UNITS)
            ui, uf, ug, uo = t["weight_h"].split(UNITS)
            i, g, o = i + ui @ total, g + ug @ total, o + uo @ total
            c = torch.sigmoid(i) * torch.tanh(g) + sum((torch.sigmoid(f + uf @ h) * c for h, c in below), none)
        return torch.sigmoid(o) * torch.tanh(c), c
    return run(trees, made, lambda t, row: state(t, row, []), state)


if __name__ == "__main__":
    torch.set_num_threads(1)
    cases = {kind: vector_case(kind) for kind in ("rvnn", "su_rnn", "rntn")}
    cases["mv_rnn"] = matrix_case()
    for kind in ("binary", "child_sum"):
        for everywhere in (False, True):
            cases[kind + ("_all" if everywhere else "")] = lstm_case(kind, everywhere)
    tensors = {f"{case}/{name}": value for case, made in cases.items() for name, value in made.items()}
    write_safetensors(pathlib.Path(__file__).with_name("trees.safetensors"), tensors)
