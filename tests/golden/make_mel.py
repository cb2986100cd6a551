#!/usr/bin/python3
"""Writes mel.safetensors: log-mel features by numpy, from their definition, independent of rondo's code.

frame i = samples[i * hop : i * hop + window] * periodic Hann; |rfft|^2 of a power of two; triangles between points at
equal distances in mels, evaluated at the bins' frequencies; ln(max(sum, floor)).

Usage: /usr/bin/python3 make_mel.py   (writes beside itself; the same inputs every time)
"""
import pathlib

import numpy as np

from write import draw, write_safetensors

rng = np.random.default_rng(41)


def mel(scale, f):
    f = np.asarray(f, dtype=float)
    if scale == "htk":
        return 2595 * np.log10(1 + f / 700)
    return np.where(f < 1000, f * 3 / 200, 15 + 27 * np.log(np.maximum(f, 1e-9) / 1000) / np.log(6.4))


def hertz(scale, m):
    m = np.asarray(m, dtype=float)
    if scale == "htk":
        return 700 * (10 ** (m / 2595) - 1)
    return np.where(m < 15, m * 200 / 3, 1000 * 6.4 ** ((m - 15) / 27))


def filters(scale, mels, rate, size, low, high):
    points = hertz(scale, np.linspace(mel(scale, low), mel(scale, high), mels + 2))
    bins = np.arange(size // 2 + 1) * rate / size
    bank = np.zeros((mels, len(bins)))
    for m in range(mels):
        left, centre, right = points[m:m + 3]
        bank[m] = np.clip(np.minimum((bins - left) / (centre - left), (right - bins) / (right - centre)), 0, None)
        if scale == "slaney":
            bank[m] *= 2 / (right - left)
    return bank


def log_mel(x, scale, mels, rate, window, hop, low, high, floor, preemphasis):
    x = np.concatenate([x[:1], x[1:] - preemphasis * x[:-1]])
    if len(x) < window:
        x = np.concatenate([x, np.zeros(window - len(x))])
    size = 1 << (window - 1).bit_length()
    weights = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    frames = np.stack([x[i:i + window] * weights for i in range(0, len(x) - window + 1, hop)])
    power = np.abs(np.fft.rfft(frames, size)) ** 2
    return np.log(np.maximum(power @ filters(scale, mels, rate, size, low, high).T, floor))


def signal(count, rate):
    t = np.arange(count) / rate
    x = 0.3 * np.sin(2 * np.pi * 440 * t) + 0.1 * np.sin(2 * np.pi * 2500 * t * (1 + t)) + 0.01 * draw(rng, count)
    x[count // 2: count // 2 + 300] = 0
    return np.float32(x).astype(float)


CASES = {  # samples, scale, mels, rate, window, hop, low, high, floor, pre-emphasis
    "htk16": (4000, "htk", 40, 16000, 400, 160, 20, 8000, 1e-10, 0),
    "slaney16": (4000, "slaney", 40, 16000, 400, 160, 0, 8000, 1e-10, 0),
    "htk8": (2500, "htk", 30, 8000, 200, 80, 20, 4000, 1e-10, 0.97),
    "short": (100, "htk", 20, 16000, 400, 160, 50, 7600, 1e-6, 0),
    "edge": (560, "slaney", 23, 16000, 400, 160, 20, 7600, 1e-8, 0.5),
}

if __name__ == "__main__":
    tensors = {}
    for name, (count, scale, mels, rate, window, hop, low, high, floor, preemphasis) in CASES.items():
        x = signal(count, rate)
        tensors[f"{name}/samples"] = x
        tensors[f"{name}/features"] = log_mel(x, scale, mels, rate, window, hop, low, high, floor, preemphasis)
    write_safetensors(pathlib.Path(__file__).with_name("mel.safetensors"), tensors)
