#!/usr/bin/python3
"""A binary Tree-LSTM (Tai et al. 2015) in PyTorch, node by node, trained on SST as `rondo train trees` does by default."""
import lzma
import re

import torch
from torch.nn import functional

from timing import arguments, say, speeds

PIECES = re.compile(r"\((\d)|([^\s()]+)\)|\)")


def parse(line, vocabulary):
    """[label, word or None, left, right]: nodes in the order in which they are computed, children first."""
    nodes, open_ones = [], []
    for label, word in PIECES.findall(line):
        if label:
            open_ones.append([int(label), None, []])
            continue
        node_label, _, children = open_ones.pop()
        token = vocabulary.setdefault(word.lower(), len(vocabulary)) if word else None
        nodes.append((node_label, token, children))
        if open_ones:
            open_ones[-1][2].append(len(nodes) - 1)
    return nodes


class TreeLSTM(torch.nn.Module):
    def __init__(self, words, size, dropout):
        super().__init__()
        self.words = torch.nn.Embedding(words, size, sparse=True)
        torch.nn.init.uniform_(self.words.weight, -0.1, 0.1)
        self.of_word = torch.nn.Linear(size, 5 * size)
        self.of_children = torch.nn.Linear(2 * size, 5 * size, bias=False)
        self.classes = torch.nn.Linear(size, 5)
        self.size, self.rate = size, dropout

    def states(self, nodes):
        """h of each node. Words are looked up and dropped together; all else is node by node."""
        tokens = [token for _, token, _ in nodes if token is not None]
        vectors = iter(functional.dropout(self.words(torch.tensor(tokens)), self.rate, self.training).unbind())
        done = []
        for _, token, children in nodes:
            if token is not None:
                gates, candidate = self.of_word(next(vectors)).split((4 * self.size, self.size))
                i, _, _, o = torch.sigmoid(gates).split(self.size)
                c = i * torch.tanh(candidate)
            else:
                (left_h, left_c), (right_h, right_c) = (done[child] for child in children)
                sums = self.of_children(torch.cat([left_h, right_h])) + self.of_word.bias
                gates, candidate = sums.split((4 * self.size, self.size))
                i, left, right, o = torch.sigmoid(gates).split(self.size)
                c = i * torch.tanh(candidate) + left * left_c + right * right_c
            done.append((o * torch.tanh(c), c))
        return [h for h, _ in done]

    def loss(self, trees):
        h = functional.dropout(torch.stack([state for nodes in trees for state in self.states(nodes)]), self.rate,
                               self.training)
        return functional.cross_entropy(self.classes(h), torch.tensor([label for nodes in trees for label, *_ in nodes]))


def main():
    given = arguments(data="", size=100, batch=25, batches=2, dropout=0.5, passes=3)
    vocabulary = {}
    with lzma.open(given["data"], "rt", encoding="utf-8") as file:
        trees = [parse(line, vocabulary) for line in file if line.strip()]
    torch.manual_seed(1)
    network = TreeLSTM(len(vocabulary), given["size"], given["dropout"])
    optimizer = torch.optim.Adagrad(network.parameters(), lr=0.05)
    dense = [parameter for name, parameter in network.named_parameters() if not name.startswith("words")]

    def work():
        nodes = 0
        for first in range(0, given["batches"] * given["batch"], given["batch"]):
            batch = trees[first:first + given["batch"]]
            network.zero_grad(set_to_none=True)
            network.loss(batch).backward()
            torch.nn.utils.clip_grad_norm_(dense, 5)
            optimizer.step()
            nodes += sum(map(len, batch))
        return nodes

    say(speeds(work, given["passes"]))


if __name__ == "__main__":
    main()
