#!/usr/bin/python3
"""Writes ctc.safetensors: losses and gradients of torch.nn.functional.ctc_loss, in f64.

Rows are packed: time-major, longest first. Targets are padded with -1. The mean is that of ctc_loss in rondo:
sum of weight x loss by the sum of weights.

Usage: /usr/bin/python3 make_ctc.py   (writes beside itself; the same inputs every time)
"""
import pathlib

import numpy as np
import torch

from write import draw, write_safetensors

# Lengths in packed order, targets, symbols, blank.
CASES = {
    "one": ([1], [[1]], 3, 0),
    "empty": ([3, 2], [[], [2]], 3, 0),
    "ragged": ([9, 7, 7, 4], [[1, 1, 2], [3, 1, 3, 3], [2], [4, 1]], 5, 0),
    "last_blank": ([12, 8, 5], [[0, 0, 1, 2, 2], [3, 0, 3], [1, 1]], 5, 4),
    "tight": ([6, 4], [[2, 2, 1, 1], [1, 1, 2]], 4, 0),
}
rng = np.random.default_rng(29)


def case(lengths, targets, symbols, blank):
    rows = [(t, i) for t in range(max(lengths)) for i in range(len(lengths)) if lengths[i] > t]
    logits = 3 * draw(rng, len(rows), symbols)
    weights = 1.5 + draw(rng, len(lengths))
    leaf = torch.tensor(logits, requires_grad=True)
    where = tuple(torch.tensor(list(side)) for side in zip(*rows))
    padded = torch.zeros(max(lengths), len(lengths), symbols, dtype=torch.float64).index_put(where, leaf)
    widest = max(1, max(len(t) for t in targets))
    filled = torch.tensor([t + [1 if blank != 1 else 0] * (widest - len(t)) for t in targets])
    losses = torch.nn.functional.ctc_loss(padded.log_softmax(2), filled, torch.tensor(lengths),
                                          torch.tensor([len(t) for t in targets]), blank=blank, reduction="none")
    loss = (losses * torch.tensor(weights)).sum() / weights.sum()
    loss.backward()
    kept = np.array([t + [-1] * (widest - len(t)) for t in targets], dtype=float)
    return {"logits": logits, "weights": weights, "targets": kept, "losses": losses.detach().numpy(),
            "loss": loss.detach().numpy().reshape(1), "d.logits": leaf.grad.numpy(),
            "lengths": np.array(lengths, dtype=float), "blank": np.array([blank], dtype=float)}


if __name__ == "__main__":
    tensors = {f"{name}/{key}": value for name, made in CASES.items() for key, value in case(*made).items()}
    write_safetensors(pathlib.Path(__file__).with_name("ctc.safetensors"), tensors)
