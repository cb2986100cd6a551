#!/usr/bin/python3
"""The network of `rondo train translate` (GNMT's attention between two layers) in PyTorch: training steps, and batched beam
search with rondo's weights.

mode=train: target tokens a second of training from PyTorch's first values, on the pairs of source= and target=.
mode=decode: sentences a second with the model's weights, the fastest batch of a few, and all translations.
"""
import base64
import json
import lzma
import unicodedata

import sentencepiece
import torch
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

import model_file
from timing import arguments, say, speeds


def lines_of(path):
    opened = lzma.open if path.endswith(".xz") else open
    with opened(path, "rt", encoding="utf-8") as file:
        return file.read().splitlines()


class Pieces:
    """Sentences as numbers: each word by itself, and an end. The last two numbers begin and end a sentence."""

    def __init__(self, preprocessing):
        given = preprocessing["source"]["encoder"]
        self.model = sentencepiece.SentencePieceProcessor(model_proto=base64.b64decode(given["subwords"]))
        self.begin, self.end = self.model.get_piece_size(), self.model.get_piece_size() + 1

    def encode(self, text):
        words = unicodedata.normalize("NFC", text).split()
        return [number for word in self.model.encode(words) for number in word]

    def decode(self, numbers):
        return " ".join("".join(self.model.id_to_piece(numbers)).replace("▁", " ").split())


class Network(torch.nn.Module):
    def __init__(self, count, size, dropout):
        super().__init__()
        self.target = torch.nn.Embedding(count, size)
        torch.nn.init.uniform_(self.target.weight, -0.1, 0.1)
        self.output_bias = torch.nn.Parameter(torch.zeros(count))
        self.encoder = torch.nn.LSTM(size, size // 2, bidirectional=True, batch_first=True)
        self.decoder = torch.nn.LSTM(size, size, batch_first=True)
        self.upper = torch.nn.LSTM(2 * size, size, batch_first=True)
        self.bridges = torch.nn.ModuleList(torch.nn.Linear(size, size) for _ in range(2))
        self.query = torch.nn.Linear(size, size, bias=False)
        self.combine = torch.nn.Linear(2 * size, size)
        self.dropout = torch.nn.Dropout(dropout)

    def take(self, weights):
        with torch.no_grad():
            self.target.weight.copy_(weights["target"])
            self.output_bias.copy_(weights["output_bias"])
            self.query.weight.copy_(weights["attention.query_weight"])
        for name, module in (("encoder", self.encoder), ("decoder", self.decoder), ("upper", self.upper),
                             ("combine", self.combine), ("bridge0", self.bridges[0]), ("bridge1", self.bridges[1])):
            model_file.take(module, weights, name)

    def encode(self, sources):
        """Memory [sentences, longest, size], what lies outside of it, and the states to begin with."""
        lengths = torch.tensor([len(source) for source in sources])
        x = self.dropout(self.target(pad_sequence([torch.tensor(source) for source in sources], batch_first=True)))
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, _ = pad_packed_sequence(self.encoder(packed)[0], batch_first=True)
        mean = y.sum(1) / lengths[:, None]
        starts = [torch.tanh(bridge(mean))[None] for bridge in self.bridges]
        outside = torch.arange(y.shape[1]) >= lengths[:, None]
        return self.dropout(y), outside, [(h, torch.zeros_like(h)) for h in starts]

    def decode(self, tokens, memory, outside, states):
        """Tops [rows, steps, size] and the states after them. Row i attends to memory i // (rows / sentences)."""
        h, first = self.decoder(self.dropout(self.target(tokens)), states[0])
        query = self.query(h).view(len(memory), -1, h.shape[-1])
        scores = torch.bmm(query, memory.transpose(1, 2)).masked_fill(outside[:, None], -torch.inf)
        context = torch.bmm(torch.softmax(scores, 2), memory).view(h.shape)
        y, second = self.upper(self.dropout(torch.cat([h, context], 2)), states[1])
        return torch.tanh(self.combine(torch.cat([y, context], 2))), [first, second]

    def logits(self, tops):
        return functional.linear(tops, self.target.weight, self.output_bias)

    def loss(self, pairs, begin, end):
        memory, outside, states = self.encode([source for source, _ in pairs])
        before = pad_sequence([torch.tensor([begin, *target]) for _, target in pairs], batch_first=True)
        after = pad_sequence([torch.tensor([*target, end]) for _, target in pairs], batch_first=True, padding_value=-1)
        tops, _ = self.decode(before, memory, outside, states)
        kept = after >= 0  # the large product is for real tokens alone
        return functional.cross_entropy(self.logits(self.dropout(tops[kept])), after[kept], label_smoothing=0.1)


class Search:
    """Beam search over a batch, by rondo's rules: one that ends makes the beam narrower, and a sentence leaves the batch when
    nothing that goes on can be better than what has ended."""

    def __init__(self, network, pieces, beam, normalize=0.6):
        self.network, self.pieces, self.beam, self.normalize = network, pieces, beam, normalize

    def __call__(self, sources):
        count, beam, pieces = len(sources), self.beam, self.pieces
        memory, outside, states = self.network.encode(sources)
        states = [tuple(part.repeat_interleave(beam, 1) for part in state) for state in states]
        self.best, self.found = torch.full((count,), -torch.inf), [None] * count
        self.longest = torch.tensor([10 + 3 * len(source) for source in sources])
        self.alive, self.done = torch.arange(count), torch.zeros(count, dtype=torch.long)
        live = torch.full((count, beam), -torch.inf)
        live[:, 0] = 0
        written = torch.empty(count, beam, 0, dtype=torch.long)
        tokens = torch.full((count * beam, 1), pieces.begin)
        while len(self.alive):
            tops, states = self.network.decode(tokens, memory, outside, states)
            scores = torch.log_softmax(self.network.logits(tops[:, 0]), 1).view(len(self.alive), beam, -1)
            scores[:, :, pieces.begin] = -torch.inf
            live, place = (scores + live[:, :, None]).flatten(1).topk(beam)
            origin, token = place // scores.shape[2], place % scores.shape[2]
            written = torch.cat([written.gather(1, origin[:, :, None].expand(-1, -1, written.shape[2])),
                                 token[:, :, None]], 2)
            live = self.ended(live, token, written)
            stays = self.goes_on(live, written)
            rows = (torch.arange(len(stays))[:, None] * beam + origin)[stays].flatten()
            states = [tuple(part[:, rows] for part in state) for state in states]
            tokens, live, written = token[stays].view(-1, 1), live[stays], written[stays]
            if not bool(stays.all()):
                memory, outside, self.alive, self.done = memory[stays], outside[stays], self.alive[stays], self.done[stays]
        return self.found

    def ended(self, live, token, written):
        """Keeps the best that ends here, and gives the scores of those that go on."""
        live = live.masked_fill(torch.arange(self.beam) >= self.beam - self.done[:, None], -torch.inf)
        ends = (token == self.pieces.end) & (live > -torch.inf)
        for row, slot in ends.nonzero().tolist():
            sentence, score = int(self.alive[row]), float(live[row, slot]) / written.shape[2] ** self.normalize
            if score > self.best[sentence]:
                self.best[sentence], self.found[sentence] = score, written[row, slot, :-1].tolist()
        self.done += ends.sum(1)
        return live.masked_fill(ends, -torch.inf)

    def goes_on(self, live, written):
        best, longest = live.max(1)[0], self.longest[self.alive]
        hopeless = best / (longest + 1) ** self.normalize <= self.best[self.alive]
        at_end = longest <= written.shape[2]
        for row in at_end.nonzero().flatten().tolist():
            if self.found[int(self.alive[row])] is None:
                self.found[int(self.alive[row])] = written[row, int(live[row].argmax())].tolist()
        return ~(hopeless | at_end | (best == -torch.inf))


def train(network, pieces, given):
    pairs = [(pieces.encode(source) + [pieces.end], pieces.encode(target)) for source, target in
             zip(lines_of(given["source"]), lines_of(given["target"]), strict=True)]
    order = sorted(range(len(pairs)), key=lambda i: sum(map(len, pairs[i])))
    batches = [[pairs[i] for i in order[at:at + given["batch"]]] for at in range(0, len(order), given["batch"])]
    chosen = batches[len(batches) // (2 * given["steps"])::len(batches) // given["steps"]]  # of all lengths
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.9, 0.98))

    def work():
        for batch in chosen:
            network.zero_grad(set_to_none=True)
            network.loss(batch, pieces.begin, pieces.end).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1)
            optimizer.step()
        return sum(len(target) + 1 for batch in chosen for _, target in batch)

    say(speeds(work, given["passes"]), tokens=sum(len(target) + 1 for _, target in pairs))


def decode(network, pieces, given):
    sources = [pieces.encode(line) + [pieces.end] for line in lines_of(given["source"])]
    order = sorted(range(len(sources)), key=lambda i: -len(sources[i]))
    search = Search(network.eval(), pieces, given["beam"])
    found = [None] * len(sources)

    def work(chosen, size):
        for at in range(0, len(chosen), size):
            part = chosen[at:at + size]
            for i, answer in zip(part, search([sources[i] for i in part]), strict=True):
                found[i] = answer
        return len(chosen)

    with torch.inference_mode():
        some = order[::max(1, len(order) // given["trial"])]
        trials = {size: speeds(lambda size=size: work(some, size), 1) for size in json.loads(given["batches"])}
        best = {threads: max(trials, key=lambda size: trials[size][threads][0]) for threads in next(iter(trials.values()))}
        threads = max(best, key=lambda threads: trials[best[threads]][threads][0])
        torch.set_num_threads(int(threads))
        measured = speeds(lambda: work(order, best[threads]), given["passes"], [int(threads)])
    say(measured, batch=best[threads], translations=[pieces.decode(answer) for answer in found])


def main():
    given = arguments(mode="train", model="", source="", target="", batch=64, steps=8, passes=3, beam=5, trial=100,
                      batches="[32, 128]")
    header, weights = model_file.read(given["model"])
    torch.manual_seed(1)
    pieces = Pieces(json.loads(header["input"]) if isinstance(header["input"], str) else header["input"])
    network = Network(*weights["target"].shape, 0.3)
    if given["mode"] == "train":
        train(network, pieces, given)
    else:
        network.take(weights)
        decode(network, pieces, given)


if __name__ == "__main__":
    main()
