#!/usr/bin/python3
"""PyTorch (Debian's python3-torch with libopenblas0-openmp) as a peer of compare.py: see case.h for the conversation.

Run by the system's python3, which is the one that Debian's package belongs to.
"""
import statistics
import sys
import time

import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_sequence

CELLS = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}


class Case:
    """Arguments NAME=VALUE, whole numbers as int."""

    def __init__(self, words):
        self.values = dict(word.split("=", 1) for word in words)

    def __getattr__(self, name):
        value = self.values[name]
        return int(value) if value.isdigit() else value

    def read(self, name, kind=torch.float32):
        suffix = "f32" if kind == torch.float32 else "i32"
        with open(f"{self.data}/{name}.{suffix}", "rb") as file:
            return torch.frombuffer(bytearray(file.read()), dtype=kind)

    def fill(self, module):
        """The parameters' values from the files of their names."""
        with torch.no_grad():
            for name, parameter in module.named_parameters():
                parameter.copy_(self.read(name).view_as(parameter))


def write(folder, name, tensor):
    with open(f"{folder}/{name}.f32", "wb") as file:
        file.write(tensor.detach().contiguous().numpy().tobytes())


class Layers:
    """Recurrent layers over whole sequences."""

    def __init__(self, case):
        self.training = case.mode == "training"
        self.module = CELLS[case.cell](case.input, case.hidden, case.layers, bidirectional=case.directions == 2)
        case.fill(self.module)
        self.x = case.read("x").view(case.steps, case.batch, case.input).clone().requires_grad_(self.training)
        if self.training:
            self.dy = case.read("dy").view(case.steps, case.batch, case.directions * case.hidden)

    def one_pass(self):
        if not self.training:
            with torch.inference_mode():
                self.y = self.module(self.x)[0]
            return
        self.x.grad = None
        self.module.zero_grad(set_to_none=True)
        self.y = self.module(self.x)[0]
        self.y.backward(self.dy)

    def check(self, folder):
        self.one_pass()
        write(folder, "y", self.y)
        if self.training:
            write(folder, "d_x", self.x.grad)
            for name, parameter in self.module.named_parameters():
                write(folder, "d_" + name, parameter.grad)


class Stream:
    """One step at a time: what a step leaves is what the next starts from."""

    def __init__(self, case):
        self.cell = torch.nn.LSTMCell(case.input, case.hidden)
        with torch.no_grad():
            for name, parameter in self.cell.named_parameters():
                parameter.copy_(case.read(name + "_l0").view_as(parameter))
        self.rows = list(case.read("x").view(-1, 1, case.input))
        self.hidden = case.hidden
        self.start()

    def start(self):
        self.next = 0
        self.state = (torch.zeros(1, self.hidden), torch.zeros(1, self.hidden))

    def one_pass(self):
        with torch.inference_mode():
            self.state = self.cell(self.rows[self.next], self.state)
        self.next = (self.next + 1) % len(self.rows)

    def check(self, folder):
        self.start()
        y = []
        for _ in self.rows:
            self.one_pass()
            y.append(self.state[0])
        write(folder, "y", torch.cat(y))


class Product:
    """Rows by weights."""

    def __init__(self, case):
        self.x = case.read("x").view(case.batch, case.input)
        self.weight = case.read("weight").view(case.hidden, case.input)

    def one_pass(self):
        with torch.inference_mode():
            self.y = torch.nn.functional.linear(self.x, self.weight)

    def check(self, folder):
        self.one_pass()
        write(folder, "y", self.y)


class Network(torch.nn.Module):
    """Tokens -> embedding or one-hot rows -> LSTM -> classes, of each step or of each sequence."""

    def __init__(self, case, dropout):
        super().__init__()
        self.vocab, self.each_step = case.vocab, case.each_step
        if case.embedding:
            self.embedding = torch.nn.Embedding(case.vocab, case.input, sparse=case.optimizer == "adam")
        self.lstm = torch.nn.LSTM(case.input, case.hidden, case.layers, dropout=dropout if case.layers > 1 else 0,
                                  bidirectional=case.directions == 2)
        self.output = torch.nn.Linear(case.directions * case.hidden, case.classes)
        self.dropout = torch.nn.Dropout(dropout)
        case.fill(self)

    def rows(self, ids):
        if hasattr(self, "embedding"):
            return self.dropout(self.embedding(ids))
        return self.dropout(torch.nn.functional.one_hot(ids, self.vocab).float())

    def forward(self, ids, labels):
        """ids: [steps, batch], or packed where the lengths differ."""
        if isinstance(ids, PackedSequence):
            x = PackedSequence(self.rows(ids.data), ids.batch_sizes, ids.sorted_indices, ids.unsorted_indices)
        else:
            x = self.rows(ids)
        y, (h, _) = self.lstm(x)
        if self.each_step:
            wanted = y.flatten(0, 1)
        else:
            wanted = torch.cat(list(h), 1) if self.lstm.bidirectional else h[-1]
        return torch.nn.functional.cross_entropy(self.output(self.dropout(wanted)), labels)


class Steps:
    """Whole training steps."""

    def __init__(self, case):
        self.case = case
        self.batches = self.read_batches()
        self.network, self.optimizers = self.fresh(float(case.values["dropout"]))

    def read_batches(self):
        case = self.case
        lengths = case.read("lengths", torch.int32).tolist()
        texts = case.read("ids", torch.int32).long().split(lengths)
        labels = case.read("labels", torch.int32).long()
        if case.each_step:
            labels = labels.split(lengths)
        batches = []
        for first in range(0, len(lengths), case.batch):
            part = slice(first, first + case.batch)
            ids = pad_sequence(texts[part])
            if len(set(lengths[part])) > 1:
                ids = pack_padded_sequence(ids, lengths[part], enforce_sorted=False)
            wanted = torch.stack(labels[part], 1).flatten() if case.each_step else labels[part]
            batches.append((ids, wanted))
        return batches

    def fresh(self, dropout):
        """Adam updates the rows of an embedding that a batch names, as rondo does: SparseAdam."""
        network, rate = Network(self.case, dropout), float(self.case.values["rate"])
        if self.case.optimizer == "sgd":
            return network, [torch.optim.SGD(network.parameters(), lr=rate)]
        dense = [p for name, p in network.named_parameters() if not name.startswith("embedding")]
        optimizers = [torch.optim.Adam(dense, lr=rate)]
        if self.case.embedding:
            optimizers.append(torch.optim.SparseAdam(list(network.embedding.parameters()), lr=rate))
        return network, optimizers

    def step(self, network, optimizers, batch):
        network.zero_grad(set_to_none=True)
        loss = network(*batch)
        loss.backward()
        clip = float(self.case.values["clip"])
        if clip > 0:
            torch.nn.utils.clip_grad_norm_(network.parameters(), clip)
        for optimizer in optimizers:
            optimizer.step()
        return loss

    def one_pass(self):
        for batch in self.batches:
            self.step(self.network, self.optimizers, batch)

    def check(self, folder):
        network, optimizers = self.fresh(0.0)
        losses = [self.step(network, optimizers, batch).detach() for _ in range(3) for batch in self.batches]
        write(folder, "losses", torch.stack(losses))


def measure(seconds, one_pass):
    """As in case.h: milliseconds by the wall's clock and by the processors', medians of blocks of at least 2 ms; a short
    first pass does not count."""
    wall, processors = [], []

    def block(passes, least):
        begin, used = time.perf_counter(), time.process_time()
        for _ in range(passes):
            one_pass()
        took = time.perf_counter() - begin
        if took < least:
            return False
        wall.append(1e3 * took / passes)
        processors.append(1e3 * (time.process_time() - used) / passes)
        return True

    begin, passes = time.perf_counter(), 1
    block(1, seconds)
    while not wall or time.perf_counter() - begin < seconds:
        if not block(passes, 2e-3):
            passes *= 2
    return statistics.median_high(wall), statistics.median_high(processors)


def main():
    case = Case(sys.argv[1:])
    torch.set_num_threads(case.threads)
    measured = {"step": Steps, "stream": Stream, "product": Product}.get(case.suite, Layers)(case)
    if case.once:
        measured.one_pass()
        return
    print("ready PyTorch", torch.__version__, flush=True)
    for line in sys.stdin:
        command, _, rest = line.strip().partition(" ")
        if command == "go":
            print(*measure(float(rest), measured.one_pass), flush=True)
        else:
            measured.check(rest)
            print("done", flush=True)


if __name__ == "__main__":
    main()
