#!/usr/bin/python3
"""Writes crf.safetensors: what the operations of a conditional random field must compute, in f64.

The forward algorithm written in PyTorch operations, as pytorch-crf has it (log-sum-exp over a padded batch with a
mask), and everything else from automatic differentiation: marginals are the derivative of log Z by the scores. The
likeliest tags of short sequences come from a list of all.

Rows are packed: time-major, longest first. The loss is the sum of weight · -log p over the sequences by the sum of
weight · length.

Usage: /usr/bin/python3 make_crf.py   (writes beside itself; the same inputs every time)
"""
import itertools
import pathlib

import numpy as np
import torch

from write import draw, write_safetensors

CASES = {"one": ([1], 3), "short": ([4, 3, 3, 1], 3), "long": ([17, 12, 9, 9, 2], 7), "single": ([5, 2], 1)}
rng = np.random.default_rng(17)


def places(lengths):
    """Row and column of a padded [steps, sequences] for each packed row."""
    return [(t, i) for t in range(max(lengths)) for i in range(len(lengths)) if lengths[i] > t]


def log_total(scores, mask, start, end, transitions):
    """scores [T, B, K], mask [T, B]: log Z [B]."""
    ahead = start + scores[0]
    for t in range(1, len(scores)):
        after = torch.logsumexp(ahead.unsqueeze(2) + transitions, dim=1) + scores[t]
        ahead = torch.where(mask[t].unsqueeze(1), after, ahead)
    return torch.logsumexp(ahead + end, dim=1)


def score_of(scores, tags, start, end, transitions):
    """One sequence [T, K] and its tags."""
    total = start[tags[0]] + end[tags[-1]] + sum(scores[t, tag] for t, tag in enumerate(tags))
    return total + sum(transitions[a, b] for a, b in itertools.pairwise(tags))


def case(lengths, count):
    rows = places(lengths)
    made = {"scores": 3 * draw(rng, len(rows), count), "start": draw(rng, count), "end": draw(rng, count),
            "transitions": 2 * draw(rng, count, count), "weights": 1.5 + draw(rng, len(lengths))}
    made["tags"] = rng.integers(0, count, len(rows)).astype(float)
    leaves = {name: torch.tensor(made[name], requires_grad=True) for name in ("scores", "start", "end", "transitions")}
    padded = torch.zeros(max(lengths), len(lengths), count, dtype=torch.float64)
    where = tuple(torch.tensor(list(side)) for side in zip(*rows))
    padded = padded.index_put(where, leaves["scores"])
    mask = torch.tensor([[n > t for n in lengths] for t in range(max(lengths))])
    chain = leaves["start"], leaves["end"], leaves["transitions"]
    totals = log_total(padded, mask, *chain)

    results = {"marginals": torch.autograd.grad(totals.sum(), leaves["scores"], retain_graph=True)[0]}
    sequences = [[k for k, (_, column) in enumerate(rows) if column == i] for i in range(len(lengths))]
    given = [[int(made["tags"][k]) for k in sequence] for sequence in sequences]
    scored = torch.stack([score_of(leaves["scores"][rows_of_it], tags, *chain)
                          for rows_of_it, tags in zip(sequences, given)])
    weights = torch.tensor(made["weights"])
    results["loss"] = ((totals - scored) * weights).sum() / (weights * torch.tensor(lengths)).sum()
    results["loss"].backward()
    for name, leaf in leaves.items():
        results[f"d.{name}"] = torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
    if count ** max(lengths) < 1000:
        results.update(likeliest(made, sequences, count, totals))
    return {**made, **{name: np.atleast_1d(value.detach().numpy()) if torch.is_tensor(value) else value
                       for name, value in results.items()}}


def likeliest(made, sequences, count, totals):
    """Of each sequence the five best ways, [5, T] of tags a sequence, and their log-probabilities."""
    results = {}
    for i, sequence in enumerate(sequences):
        scores = made["scores"][sequence]
        ways = [(score_of(scores, tags, made["start"], made["end"], made["transitions"]), tags)
                for tags in itertools.product(range(count), repeat=len(sequence))]
        ways = sorted(ways, key=lambda way: -way[0])[:5]
        results[f"best.{i}"] = np.array([tags for _, tags in ways], float)
        results[f"log_p.{i}"] = np.array([score for score, _ in ways]) - totals[i].item()
    return results


if __name__ == "__main__":
    torch.set_num_threads(1)
    all_tensors = {f"{key}/{name}": value for key, (lengths, count) in CASES.items()
                   for name, value in case(lengths, count).items()}
    write_safetensors(pathlib.Path(__file__).with_name("crf.safetensors"), all_tensors)
