#!/usr/bin/python3
"""Writes optim.json: what PyTorch's optimisers make of two small parameters in five steps.

Run it again only when a case is added: python3 tests/golden/make_optim.py (Debian's python3-torch, 1.13).
"""
import json
import pathlib

import torch

torch.manual_seed(7)
STEPS = 5
VALUES = [torch.randn(3, 4), torch.randn(5)]
GRADIENTS = [[torch.randn_like(v) for v in VALUES] for _ in range(STEPS)]
TABLE = torch.randn(6, 3)
# Rows touched, and how often a row is used, differ from step to step; row 5 is never touched.
TOUCHED = [[0, 2], [1], [0, 1, 4], [2, 3], [0]]
ROW_GRADIENTS = [torch.randn(len(rows), 3) for rows in TOUCHED]

CASES = {
    "sgd": (torch.optim.SGD, dict(lr=0.1)),
    "sgd_decay": (torch.optim.SGD, dict(lr=0.1, weight_decay=0.05)),
    "sgd_momentum": (torch.optim.SGD, dict(lr=0.1, momentum=0.9)),
    "sgd_nesterov": (torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)),
    "adagrad": (torch.optim.Adagrad, dict(lr=0.1)),
    "adagrad_initial": (torch.optim.Adagrad, dict(lr=0.1, initial_accumulator_value=0.5, weight_decay=0.01)),
    "rmsprop": (torch.optim.RMSprop, dict(lr=0.01)),
    "rmsprop_momentum": (torch.optim.RMSprop, dict(lr=0.01, alpha=0.9, momentum=0.9, weight_decay=0.01)),
    "adam": (torch.optim.Adam, dict(lr=0.01)),
    "adam_decay": (torch.optim.Adam, dict(lr=0.01, betas=(0.8, 0.99), weight_decay=0.05)),
    "adamw": (torch.optim.AdamW, dict(lr=0.01, weight_decay=0.1)),
}


def flat(tensor):
    return [float(x) for x in tensor.detach().double().flatten()]


def dense(make, options):
    parameters = [torch.nn.Parameter(v.clone().double()) for v in VALUES]
    optimizer = make(parameters, **options)
    for gradients in GRADIENTS:
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient.clone().double()
        optimizer.step()
    return [flat(p) for p in parameters]


def clipped():
    parameters = [torch.nn.Parameter(v.clone().double()) for v in VALUES]
    optimizer = torch.optim.SGD(parameters, lr=0.1)
    norms = []
    for gradients in GRADIENTS:
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient.clone().double()
        norms.append(float(torch.nn.utils.clip_grad_norm_(parameters, 0.5)))
        optimizer.step()
    return {"values": [flat(p) for p in parameters], "norms": norms}


def sparse():
    table = torch.nn.Parameter(TABLE.clone().double())
    optimizer = torch.optim.SparseAdam([table], lr=0.05)
    for rows, gradient in zip(TOUCHED, ROW_GRADIENTS):
        table.grad = torch.sparse_coo_tensor(torch.tensor([rows]), gradient.double(), TABLE.shape)
        optimizer.step()
    return flat(table)


golden = {
    "values": [flat(v) for v in VALUES],
    "gradients": [[flat(g) for g in step] for step in GRADIENTS],
    "dense": {name: dense(*case) for name, case in CASES.items()},
    "clipped": clipped(),
    "sparse": {"values": flat(TABLE), "touched": TOUCHED, "gradients": [flat(g) for g in ROW_GRADIENTS],
               "adam": sparse()},
}
path = pathlib.Path(__file__).with_name("optim.json")
path.write_text(json.dumps(golden, indent=1) + "\n")
print(path)
