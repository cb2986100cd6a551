#!/usr/bin/python3
"""Writes recurrent_variants.safetensors: variants of LSTM and GRU and the recurrences that add to their state, with
their gradients, in f64, from PyTorch.

The projected LSTM is torch.nn.LSTM itself, in both directions; all others follow their formulas (docs/gates.md), each
sequence by itself. Rows are packed: time-major, longest first. The loss whose gradients are stored is
sum(outputs * loss) + sum(h * loss_h) + sum(c * loss_c), where h and c are the final states.

Usage: /usr/bin/python3 make_recurrent_variants.py   (writes beside itself; the same inputs every time)
"""
import pathlib

import numpy as np
import torch
from torch.nn.functional import layer_norm
from torch.nn.utils.rnn import PackedSequence

from write import draw, write_safetensors

INPUT, UNITS, PROJECTED, LENGTHS = 3, 4, 2, [6, 4, 4, 1]
rng = np.random.default_rng(31)
FUNCTIONS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "linear": lambda x: x,
             "hard_sigmoid": lambda x: torch.clamp(0.2 * x + 0.5, 0, 1)}


def packed_rows():
    return [(t, i) for t in range(max(LENGTHS)) for i in range(len(LENGTHS)) if LENGTHS[i] > t]


def lstm(w, x, state, act="tanh", gate="sigmoid"):
    h, c = state
    act, gate = FUNCTIONS[act], FUNCTIONS[gate]
    from_x, from_h = w["weight_ih_l0"] @ x, w["weight_hh_l0"] @ h
    if "norm_ih_l0" in w:
        from_x, from_h = (layer_norm(v, v.shape) * w[g] for v, g in ((from_x, "norm_ih_l0"), (from_h, "norm_hh_l0")))
    i, f, g, o = torch.chunk(from_x + w["bias_ih_l0"] + from_h + w["bias_hh_l0"], 4)
    if "weight_ci_l0" in w:
        i, f = i + w["weight_ci_l0"] * c, f + w["weight_cf_l0"] * c
    c = gate(f) * c + gate(i) * act(g)
    if "weight_co_l0" in w:
        o = o + w["weight_co_l0"] * c
    seen = c
    if "norm_c_l0" in w:
        seen = layer_norm(c, c.shape) * w["norm_c_l0"] + w["norm_c_bias_l0"]
    h = gate(o) * act(seen)
    return (w["weight_hr_l0"] @ h if "weight_hr_l0" in w else h), c


def gru(w, x, state, act, gate, reset_after):
    h, = state
    act, gate = FUNCTIONS[act], FUNCTIONS[gate]
    (w_r, w_z, w_n), (u_r, u_z, u_n) = torch.chunk(w["weight_ih_l0"], 3), torch.chunk(w["weight_hh_l0"], 3)
    (b_r, b_z, b_n), (d_r, d_z, d_n) = torch.chunk(w["bias_ih_l0"], 3), torch.chunk(w["bias_hh_l0"], 3)
    r, z = gate(w_r @ x + b_r + u_r @ h + d_r), gate(w_z @ x + b_z + u_z @ h + d_z)
    n = act(w_n @ x + b_n + (r * (u_n @ h + d_n) if reset_after else u_n @ (r * h) + d_n))
    return (z * h + (1 - z) * n,)


def residual(w, x, state):
    h, = state
    return (h + torch.tanh(w["weight_ih_l0"] @ x + w["bias_ih_l0"] + w["weight_hh_l0"] @ h + w["bias_hh_l0"]),)


def linear(w, x, state):
    h, = state
    return (h + torch.tanh(w["weight_ih_l0"] @ x + w["bias_ih_l0"]),)


def weights_of(gates, state=UNITS, recurrent=True, more=None):
    shapes = {"weight_ih_l0": (gates * UNITS, INPUT), "bias_ih_l0": (gates * UNITS,)}
    if recurrent:
        shapes.update({"weight_hh_l0": (gates * UNITS, state), "bias_hh_l0": (gates * UNITS,)})
    return {name: draw(rng, *shape) for name, shape in {**shapes, **(more or {})}.items()}


def states_of(*widths):
    return {name: draw(rng, len(LENGTHS), width) for name, width in zip(("h0", "c0"), widths)}


def finish(made, leaves, outputs, finals):
    loss = 0
    for name, value in (("loss", outputs), *((f"loss_{k}", v) for k, v in finals.items())):
        made[name] = draw(rng, *value.shape)
        loss = loss + (value * torch.tensor(made[name])).sum()
    loss.backward()
    gradients = {f"d.{name}": leaf.grad.numpy() for name, leaf in leaves.items()}
    results = {name: value.detach().numpy() for name, value in {"outputs": outputs, **finals}.items()}
    return {**made, **results, **gradients}


def case(step, weights, states, **options):
    made = {"x": draw(rng, sum(LENGTHS), INPUT), **weights, **states}
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in made.items()}
    now, outputs = {}, []
    for row, (_, sequence) in enumerate(packed_rows()):
        before = now.get(sequence, tuple(leaves[name][sequence] for name in states))
        now[sequence] = step(leaves, leaves["x"][row], before, **options)
        outputs.append(now[sequence][0])
    finals = {name[0]: torch.stack([now[i][part] for i in range(len(LENGTHS))]) for part, name in enumerate(states)}
    return finish(made, leaves, torch.stack(outputs), finals)


def projected():
    """torch.nn.LSTM's own, both directions: h is [count, 2 * PROJECTED]."""
    layer = torch.nn.LSTM(INPUT, UNITS, bidirectional=True, proj_size=PROJECTED).double()
    made = {"x": draw(rng, sum(LENGTHS), INPUT), **states_of(2 * PROJECTED, 2 * UNITS)}
    for name, parameter in layer.named_parameters():
        made[name] = draw(rng, *parameter.shape)
        with torch.no_grad():
            parameter.copy_(torch.tensor(made[name]))
    inputs = {name: torch.tensor(made[name], requires_grad=True) for name in ("x", "h0", "c0")}
    sizes = torch.tensor([sum(length > t for length in LENGTHS) for t in range(max(LENGTHS))])

    def apart(state):
        return torch.stack(torch.chunk(state, 2, dim=1))
    outputs, (h, c) = layer(PackedSequence(inputs["x"], sizes), (apart(inputs["h0"]), apart(inputs["c0"])))
    finals = {"h": torch.cat(tuple(h), dim=1), "c": torch.cat(tuple(c), dim=1)}
    return finish(made, {**inputs, **dict(layer.named_parameters())}, outputs.data, finals)


PEEPHOLES = {f"weight_c{gate}_l0": (UNITS,) for gate in "ifo"}
NORMS = {"norm_ih_l0": (4 * UNITS,), "norm_hh_l0": (4 * UNITS,), "norm_c_l0": (UNITS,), "norm_c_bias_l0": (UNITS,)}


def cases():
    yield "lstm_proj", projected()
    yield "lstm_peepholes", case(lstm, weights_of(4, more=PEEPHOLES), states_of(UNITS, UNITS))
    yield "lstm_layer_norm", case(lstm, weights_of(4, more=NORMS), states_of(UNITS, UNITS))
    yield "lstm_functions", case(lstm, weights_of(4), states_of(UNITS, UNITS), act="relu", gate="hard_sigmoid")
    yield "lstm_all", case(lstm, weights_of(4, PROJECTED, more={**PEEPHOLES, **NORMS, "weight_hr_l0": (PROJECTED, UNITS)}),
                           states_of(PROJECTED, UNITS), act="linear")
    yield "gru_after", case(gru, weights_of(3), states_of(UNITS), act="sigmoid", gate="hard_sigmoid", reset_after=True)
    yield "gru_before", case(gru, weights_of(3), states_of(UNITS), act="relu", gate="sigmoid", reset_after=False)
    yield "residual", case(residual, weights_of(1), states_of(UNITS))
    yield "linear", case(linear, weights_of(1, recurrent=False), states_of(UNITS))


if __name__ == "__main__":
    torch.set_num_threads(1)
    tensors = {f"{kind}/{name}": value for kind, made in cases() for name, value in made.items()}
    write_safetensors(pathlib.Path(__file__).with_name("recurrent_variants.safetensors"), tensors)
