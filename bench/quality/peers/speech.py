#!/usr/bin/python3
"""The network of `rondo train speech` for classes in PyTorch: a convolution, two bidirectional GRUs, the mean and the maximum
over time; trained on the same log-mel features, each clip brought to mean 0 and deviation 1, without changes to the sounds.

The features are made beforehand and their time does not count.
"""
import pathlib
import random
import sys
import time
import wave

import numpy
import torch
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from timing import arguments, say, speeds

sys.path.append(str(pathlib.Path(__file__).parents[3] / "tests" / "golden"))
from make_mel import log_mel  # noqa: E402


def features(path):
    """[frames, 40], as `rondo train speech` has them by default."""
    with wave.open(path) as sound:
        rate = sound.getframerate()
        samples = numpy.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768
    frames = log_mel(samples, "htk", 40, rate, rate // 40, rate // 100, 20, rate / 2, 1e-10, 0)
    deviation = frames.std(0)
    return torch.tensor((frames - frames.mean(0)) / numpy.where(deviation > 0, deviation, 1), dtype=torch.float32)


def clips_of(path):
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    return [(features(sound), int(digit)) for sound, digit in rows]


class Network(torch.nn.Module):
    def __init__(self, mels=40, filters=64, units=96, dropout=0.3):
        super().__init__()
        self.front = torch.nn.Conv1d(mels, filters, 5, stride=2, padding=2)
        self.recurrent = torch.nn.GRU(filters, units, 2, batch_first=True, bidirectional=True, dropout=dropout)
        self.last = torch.nn.Linear(4 * units, 10)
        self.dropout = torch.nn.Dropout(dropout)

    def forward(self, sounds):
        lengths = torch.tensor([(len(sound) + 1) // 2 for sound in sounds])
        x = torch.relu(self.front(pad_sequence(sounds, batch_first=True).transpose(1, 2))).transpose(1, 2)
        y, _ = self.recurrent(pack_padded_sequence(self.dropout(x), lengths, batch_first=True, enforce_sorted=False))
        y, _ = pad_packed_sequence(self.dropout_of(y), batch_first=True)
        outside = (torch.arange(y.shape[1]) >= lengths[:, None])[:, :, None]
        mean = y.sum(1) / lengths[:, None]
        return self.last(torch.cat([mean, y.masked_fill(outside, -torch.inf).amax(1)], 1))

    def dropout_of(self, packed):
        return packed._replace(data=self.dropout(packed.data))


class Training:
    """Adam with a rate that falls to 0 over all steps; batches of clips of about the same length."""

    def __init__(self, clips, batch, epochs, seed):
        torch.manual_seed(seed)
        self.clips, self.batch, self.draw = clips, batch, random.Random(seed)
        self.network = Network()
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=2e-3)
        steps = epochs * -(-len(clips) // batch)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda step: max(0, 1 - step / steps))

    def batches(self):
        order = self.draw.sample(self.clips, len(self.clips))
        pool = 16 * self.batch
        found = []
        for first in range(0, len(order), pool):
            near = sorted(order[first:first + pool], key=lambda clip: -len(clip[0]))
            found += [near[at:at + self.batch] for at in range(0, len(near), self.batch)]
        self.draw.shuffle(found)
        return found

    def epoch(self, most=None):
        done = 0
        for batch in self.batches()[:most]:
            self.network.zero_grad(set_to_none=True)
            scores = self.network([sound for sound, _ in batch])
            functional.cross_entropy(scores, torch.tensor([digit for _, digit in batch])).backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1)
            self.optimizer.step()
            self.schedule.step()
            done += len(batch)
        return done

    def accuracy(self, clips):
        self.network.eval()
        with torch.inference_mode():
            right = sum(int(self.network([sound]).argmax()) == digit for sound, digit in clips)
        self.network.train()
        return right / len(clips)


def main():
    given = arguments(train="", test="", batch=16, epochs=30, seed=1, passes=3)
    clips, test = clips_of(given["train"]), clips_of(given["test"])
    trial = Training(clips, given["batch"], given["epochs"], given["seed"])
    found = speeds(lambda: trial.epoch(40), given["passes"])
    torch.set_num_threads(int(max(found, key=lambda threads: found[threads][0])))
    training = Training(clips, given["batch"], given["epochs"], given["seed"])
    begin, used = time.perf_counter(), time.process_time()
    for _ in range(given["epochs"]):
        training.epoch()
    whole = [time.perf_counter() - begin, time.process_time() - used]
    say(found, seconds=whole[0], processor_seconds=whole[1], accuracy=training.accuracy(test), on=torch.get_num_threads())


if __name__ == "__main__":
    main()
