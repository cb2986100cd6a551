#!/usr/bin/python3
"""The network of `rondo train tag` on words in lines of Chinese (characters and their pairs, a bidirectional LSTM, a CRF) in
PyTorch: training steps, and tags with rondo's weights.

mode=train: characters a second of training on source=, in batches of 32, packed, the CRF's forward pass over a batch at a time.
mode=decode: characters a second of source=, sorted, in batches of 64, with all words that are found. Sentences become numbers
beforehand, and that costs nothing.
"""
import base64
import json
import random
import string
import unicodedata

import numpy
import torch
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence, pad_sequence

import model_file
from timing import arguments, say, speeds

DIGITS, LETTERS = set(string.digits), set(string.ascii_letters)


def form_of(character):
    """What rondo looks up: digits as 0, Latin letters as a, full-width forms as plain ones."""
    form = unicodedata.normalize("NFKC", character)
    return "0" if form in DIGITS else "a" if form in LETTERS else form


class Numbers:
    """Characters, the pairs that they make with the one before and the one after, and tags B, M, E, S in the model's order."""

    def __init__(self, preprocessing):
        tokens = preprocessing["tokens"]["tokens"].split(" ")
        self.tokens = {token.replace("\\s", " ").replace("\\\\", "\\"): number for number, token in enumerate(tokens)}
        pairs = numpy.frombuffer(base64.b64decode(preprocessing["bigrams"]), "<u4").astype(int).reshape(-1, 2)
        self.pairs = {(before - 1, token): number + 1 for number, (before, token) in enumerate(pairs.tolist())}
        self.tags = preprocessing["tags"]

    def features(self, text):
        """i64 [characters, 3]."""
        tokens = [self.tokens.get(form_of(character), 0) for character in text]
        chain = [-1, *tokens, len(self.tokens)]
        pairs = [self.pairs.get(pair, 0) for pair in zip(chain, chain[1:])]
        return torch.tensor([tokens, pairs[:-1], pairs[1:]]).T.contiguous()

    def gold(self, words):
        letters = "".join("S" if len(word) == 1 else "B" + "M" * (len(word) - 2) + "E" for word in words)
        return torch.tensor([self.tags.index(letter) for letter in letters])

    def words(self, text, tags):
        ends = [self.tags[tag] in "ES" for tag in tags]
        return "".join(character + " " * end for character, end in zip(text, ends)).strip()

    def allowed(self):
        """0 where a tag may follow another, or may begin or end a sentence; else minus infinity."""
        after = {"B": "ME", "M": "ME", "E": "BS", "S": "BS"}
        def score(holds):
            return 0.0 if holds else -torch.inf
        return (torch.tensor([[score(to in after[tag]) for to in self.tags] for tag in self.tags]),
                torch.tensor([score(tag in "BS") for tag in self.tags]),
                torch.tensor([score(tag in "ES") for tag in self.tags]))


class Network(torch.nn.Module):
    def __init__(self, weights, numbers, dropout=0.5):
        super().__init__()
        def table(name):
            return torch.nn.Embedding(*weights[name].shape, sparse=True)
        self.characters, self.pairs = table("tokens"), table("bigrams")
        width = self.characters.embedding_dim + 2 * self.pairs.embedding_dim
        self.read = torch.nn.LSTM(width, weights["read.weight_hh_l0"].shape[1], bidirectional=True)
        self.tags = torch.nn.Linear(2 * self.read.hidden_size, len(numbers.tags))
        for name in ("transitions", "start_transitions", "end_transitions"):
            setattr(self, name, torch.nn.Parameter(torch.zeros_like(weights[f"crf.{name}"])))
        self.rules, self.dropout = numbers.allowed(), torch.nn.Dropout(dropout)

    def take(self, weights):
        with torch.no_grad():
            self.characters.weight.copy_(weights["tokens"])
            self.pairs.weight.copy_(weights["bigrams"])
            for name in ("transitions", "start_transitions", "end_transitions"):
                getattr(self, name).copy_(weights[f"crf.{name}"])
        model_file.take(self.read, weights, "read")
        model_file.take(self.tags, weights, "crf")

    def chain(self):
        return [scores + rule for scores, rule in
                zip((self.transitions, self.start_transitions, self.end_transitions), self.rules)]

    def scores(self, features):
        """[longest, sentences, tags] and the lengths, of sentences with the longest first."""
        lengths = torch.tensor(list(map(len, features)))
        packed = pack_padded_sequence(pad_sequence(features), lengths)
        tokens, before, after = packed.data.unbind(1)
        x = torch.cat([self.characters(tokens), self.pairs(before), self.pairs(after)], 1)
        y, _ = self.read(PackedSequence(self.dropout(x), packed.batch_sizes))
        return pad_packed_sequence(y._replace(data=self.tags(self.dropout(y.data))))[0], lengths, packed.batch_sizes.tolist()

    def loss(self, features, gold):
        """Negative log-likelihood a character. Steps go over the sentences that are still there."""
        scores, lengths, counts = self.scores(features)
        transitions, start, end = self.chain()
        first, *later = scores.unbind()  # one gradient for all steps; scores[step] would have one of full size each
        alpha, finished = start + first, []
        for here, count in zip(later, counts[1:]):
            finished.append(alpha[count:])
            alpha = torch.logsumexp(alpha[:count, :, None] + transitions, 1) + here[:count]
        whole = torch.logsumexp(torch.cat([alpha, *reversed(finished)]) + end, 1).sum()
        tags = pad_sequence(gold)
        mask = torch.arange(len(tags))[:, None] < lengths
        path = scores.gather(2, tags[:, :, None])[:, :, 0][mask].sum() + start[tags[0]].sum()
        path = path + transitions[tags[:-1], tags[1:]][mask[1:]].sum() + end[tags.gather(0, lengths[None] - 1)].sum()
        return (whole - path) / lengths.sum()

    def best(self, features):
        """Viterbi over a batch: the tags of each sentence."""
        scores, lengths, counts = self.scores(features)
        transitions, start, end = self.chain()
        alpha, finished, back = start + scores[0], [], []
        for step, count in enumerate(counts[1:], 1):
            finished.append(alpha[count:])
            best, origin = (alpha[:count, :, None] + transitions).max(1)
            alpha = best + scores[step, :count]
            back.append(origin)
        last = (torch.cat([alpha, *reversed(finished)]) + end).argmax(1)
        path = [last]
        for step in range(len(back) - 1, -1, -1):
            count = counts[step + 1]
            last = torch.cat([back[step].gather(1, last[:count, None])[:, 0], last[count:]])
            path.append(last)
        # A sentence that ends early keeps its last tag on the way back to its end.
        whole = torch.stack(path[::-1], 1).tolist()
        return [tags[:length] for tags, length in zip(whole, lengths.tolist())]


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def train(network, numbers, given):
    sentences = [line.split() for line in lines_of(given["source"])]
    examples = [(numbers.features("".join(words)), numbers.gold(words)) for words in sentences if words]
    random.Random(1).shuffle(examples)
    dense = [parameter for name, parameter in network.named_parameters() if name not in ("characters.weight", "pairs.weight")]
    optimizers = [torch.optim.Adam(dense, lr=2e-3),
                  torch.optim.SparseAdam([network.characters.weight, network.pairs.weight], lr=2e-3)]
    chosen = examples[:given["steps"] * 32]
    pools = [sorted(chosen[at:at + 512], key=lambda example: -len(example[0])) for at in range(0, len(chosen), 512)]
    batches = [pool[at:at + 32] for pool in pools for at in range(0, len(pool), 32)]

    def work():
        for batch in batches:
            network.zero_grad(set_to_none=True)
            network.loss(*zip(*batch)).backward()
            torch.nn.utils.clip_grad_norm_(dense, 1)
            for optimizer in optimizers:
                optimizer.step()
        return sum(len(features) for features, _ in chosen)

    say(speeds(work, given["passes"]), characters=sum(len(features) for features, _ in examples))


def decode(network, numbers, given):
    texts = lines_of(given["source"])
    features = [numbers.features(text) for text in texts]
    order = sorted((i for i in range(len(texts)) if texts[i]), key=lambda i: -len(texts[i]))
    found = [[]] * len(texts)

    def work():
        for at in range(0, len(order), 64):
            part = order[at:at + 64]
            for i, tags in zip(part, network.best([features[i] for i in part])):
                found[i] = tags
        return sum(map(len, texts))

    with torch.inference_mode():
        measured = speeds(work, given["passes"])
    say(measured, lines=[numbers.words(text, tags) for text, tags in zip(texts, found)])


def main():
    given = arguments(mode="train", model="", source="", steps=16, passes=3)
    header, weights = model_file.read(given["model"])
    torch.manual_seed(1)
    numbers = Numbers(json.loads(header["input"]) if isinstance(header["input"], str) else header["input"])
    network = Network(weights, numbers)
    if given["mode"] == "train":
        train(network, numbers, given)
    else:
        network.take(weights)
        decode(network.eval(), numbers, given)


if __name__ == "__main__":
    main()
