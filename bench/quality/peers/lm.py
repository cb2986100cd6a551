#!/usr/bin/python3
"""Text from a language model of stacked LSTMs in PyTorch, with the weights of a model of `rondo train lm`: tokens a second of
`samples` texts side by side, each token drawn at temperature 1. Of several ways to write the loop the fastest counts.
"""
import torch
from torch.nn import functional

import model_file
from timing import arguments, say, speeds


def drawn(logits):
    """One number a row by its probability; a race of exponentials is faster than torch.multinomial."""
    return (logits - torch.empty_like(logits).exponential_().log()).argmax(1)


class Cells(torch.nn.Module):
    """The loop in Python, over torch.nn.LSTMCell."""

    def __init__(self, table, layers, output):
        super().__init__()
        self.table, self.output = table, output
        self.cells = torch.nn.ModuleList()
        for layer in layers:
            cell = torch.nn.LSTMCell(layer.input_size, layer.hidden_size)
            with torch.no_grad():
                for own, parameter in zip(cell.parameters(), layer.parameters()):
                    own.copy_(parameter)
            self.cells.append(cell)

    def write(self, samples, length):
        token = torch.zeros(samples, dtype=torch.long)
        states = [(torch.zeros(samples, cell.hidden_size), torch.zeros(samples, cell.hidden_size)) for cell in self.cells]
        written = []
        for _ in range(length):
            x = self.table[token]
            for number, cell in enumerate(self.cells):
                states[number] = cell(x, states[number])
                x = states[number][0]
            token = drawn(functional.linear(x, *self.output))
            written.append(token)
        return torch.stack(written)


class Layers(torch.nn.Module):
    """The loop in Python, over torch.nn.LSTM with one step."""

    def __init__(self, table, layers, output):
        super().__init__()
        self.table, self.layers, self.output = table, torch.nn.ModuleList(layers), output

    def write(self, samples, length):
        token = torch.zeros(samples, dtype=torch.long)
        states = [None] * len(self.layers)
        written = []
        for _ in range(length):
            x = self.table[token][None]
            for number, layer in enumerate(self.layers):
                x, states[number] = layer(x, states[number])
            token = drawn(functional.linear(x[0], *self.output))
            written.append(token)
        return torch.stack(written)


@torch.jit.script
def _loop(table: torch.Tensor, weights: list[list[torch.Tensor]], output: list[torch.Tensor], samples: int, length: int):
    token = torch.zeros([samples], dtype=torch.long)
    h = [torch.zeros([samples, layer[1].shape[1]]) for layer in weights]
    c = [torch.zeros([samples, layer[1].shape[1]]) for layer in weights]
    written: list[torch.Tensor] = []
    for _ in range(length):
        x = table[token]
        for number, layer in enumerate(weights):
            h[number], c[number] = torch.lstm_cell(x, [h[number], c[number]], layer[0], layer[1], layer[2], layer[3])
            x = h[number]
        logits = torch.nn.functional.linear(x, output[0], output[1])
        token = (logits - torch.empty_like(logits).exponential_().log()).argmax(1)
        written.append(token)
    return torch.stack(written)


class Scripted:
    """The whole loop compiled by TorchScript."""

    def __init__(self, table, layers, output):
        self.table, self.output = table, list(output)
        self.weights = [[parameter.detach() for parameter in layer.parameters()] for layer in layers]

    def write(self, samples, length):
        return _loop(self.table, self.weights, self.output, samples, length)


def main():
    given = arguments(model="", samples=1, length=500, passes=3)
    _, weights = model_file.read(given["model"])
    layers = []
    while f"layer{len(layers)}.weight_hh_l0" in weights:
        name = f"layer{len(layers)}"
        rows, width = weights[f"{name}.weight_ih_l0"].shape
        layers.append(torch.nn.LSTM(width, rows // 4))
        model_file.take(layers[-1], weights, name)
    torch.manual_seed(1)
    ways = {kind.__name__: kind(weights["embed.weight"], layers, (weights["next.weight"], weights["next.bias"]))
            for kind in (Cells, Layers, Scripted)}

    def work(way):
        return ways[way].write(given["samples"], given["length"]).numel()

    with torch.inference_mode():
        found = {way: speeds(lambda way=way: work(way), given["passes"]) for way in ways}
    best = max(found, key=lambda way: max(speed for speed, _ in found[way].values()))
    say(found[best], way=best)


if __name__ == "__main__":
    main()
