#!/usr/bin/python3
"""SegRNN (Lin et al. 2023) in PyTorch, trained on ETTh1's windows as `rondo train forecast --head point` does."""
import csv
import lzma

import torch
from torch.nn import functional

from timing import arguments, say, speeds


class SegRNN(torch.nn.Module):
    """Segments through a linear layer and a GRU; each future segment is one more step from the last state, whose input says
    which segment of which series it is."""

    def __init__(self, series, lookback, horizon, segment, units, dropout):
        super().__init__()
        self.segment, self.future = segment, -(-horizon // segment)
        self.project = torch.nn.Linear(segment, units)
        self.cell = torch.nn.GRU(units, units, batch_first=True)
        self.position = torch.nn.Parameter(torch.randn(self.future, units // 2))
        self.channel = torch.nn.Parameter(torch.randn(series, units - units // 2))
        self.dropout = torch.nn.Dropout(dropout)
        self.predict = torch.nn.Linear(units, segment)

    def forward(self, x, series):
        rows, last = len(x), x[:, -1:]
        segments = torch.relu(self.project((x - last).view(rows, -1, self.segment)))
        _, state = self.cell(segments)
        asked = torch.cat([self.position.expand(rows, -1, -1),
                           self.channel[series].unsqueeze(1).expand(-1, self.future, -1)], 2)
        state = state.repeat_interleave(self.future, 1)
        y, _ = self.cell(asked.reshape(rows * self.future, 1, -1), state)
        return self.predict(self.dropout(y)).view(rows, -1) + last


def windows_of(path, until, size):
    """Scaled windows of every series, as views, and how many rows there are before `until`."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file)][1:]
    values = torch.tensor([[float(cell) for cell in row[1:]] for row in rows if row[0] < until])
    values = (values - values.mean(0)) / values.std(0, unbiased=False)
    return values.t().contiguous().unfold(1, size, 1)  # [series, windows, size]


def main():
    given = arguments(data="", until="", lookback=96, horizon=96, segment=24, units=128, dropout=0.3, batch=64, steps=80,
                      passes=5)
    torch.manual_seed(1)
    windows = windows_of(given["data"], given["until"], given["lookback"] + given["horizon"])
    series, count = windows.shape[:2]
    network = SegRNN(series, *(given[name] for name in ("lookback", "horizon", "segment", "units", "dropout")))
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)

    def work():
        order = torch.randperm(series * count)[:given["steps"] * given["batch"]]
        for chosen in order.split(given["batch"]):
            rows = windows[chosen // count, chosen % count]
            network.zero_grad(set_to_none=True)
            answers = network(rows[:, :given["lookback"]], chosen // count)
            functional.l1_loss(answers[:, :given["horizon"]], rows[:, given["lookback"]:]).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
            optimizer.step()
        return len(order)

    say(speeds(work, given["passes"]), windows=series * count)


if __name__ == "__main__":
    main()
