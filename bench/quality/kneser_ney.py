"""The baseline of language models: interpolated modified Kneser-Ney over characters (Chen & Goodman 1998, section 3).

    python3 bench/quality/kneser_ney.py ORDER TRAIN TEST

Each file is one running text; a table of columns separated by tabs has a document in each line's last cell.
Prints bits a character of TEST as JSON. Characters that TRAIN lacks share the probability of one unknown character.
"""
import json
import lzma
import math
import sys
from collections import Counter, defaultdict

BORDER = "\x02"  # before a document, and after each where there are several
UNKNOWN = "\x03"


def documents(path):
    opener = lzma.open if path.endswith(".xz") else open
    with opener(path, "rt", encoding="utf-8", newline="\n") as file:
        text = file.read()
    if ".tsv" not in path:
        return [text]
    return [line.split("\t")[-1] for line in text.splitlines()]


class KneserNey:
    def __init__(self, texts, order, ends):
        self.order, self.ends = order, ends
        self.vocabulary = set().union(*map(set, texts)) | {UNKNOWN} | ({BORDER} if ends else set())
        counts = self._highest(texts)
        self.levels = [None] * (order + 1)
        for length in range(order, 0, -1):
            self.levels[length] = self._level(counts)
            counts = self._continuations(counts) if length > 1 else None

    def _padded(self, text):
        return BORDER * (self.order - 1) + text + (BORDER if self.ends else "")

    def _highest(self, texts):
        counts = Counter()
        for text in texts:
            padded = self._padded(text)
            counts.update(padded[i:i + self.order] for i in range(len(padded) - self.order + 1))
        return counts

    @staticmethod
    def _continuations(counts):
        """How many different characters stand before each n-gram that is one shorter; those at a document's begin, which
        nothing but borders can stand before, keep their count."""
        shorter = Counter()
        for gram, count in counts.items():
            shorter[gram[1:]] += count if gram[0] == gram[1:2] == BORDER else 1
        return shorter

    @staticmethod
    def _level(counts):
        """Counts, and of each context its sum and the mass that discounts free, by context."""
        of = Counter(counts.values())
        y = of[1] / (of[1] + 2 * of[2]) if of[1] else 0
        discount = [0] + [max(0.0, k - (k + 1) * y * of[k + 1] / of[k]) if of[k] else 0.0 for k in (1, 2, 3)]
        total, freed = defaultdict(int), defaultdict(float)
        for gram, count in counts.items():
            total[gram[:-1]] += count
            freed[gram[:-1]] += discount[min(count, 3)]
        return counts, discount, total, freed

    def probability(self, context, character):
        share = 1 / len(self.vocabulary)
        for length in range(1, self.order + 1):
            counts, discount, total, freed = self.levels[length]
            before = context[len(context) - length + 1:]
            if before not in total:
                break
            count = counts.get(before + character, 0)
            share = (max(count - discount[min(count, 3)], 0) + freed[before] * share) / total[before]
        return share

    def bits(self, texts):
        """Of all texts together, and their characters."""
        total, characters = 0.0, 0
        for text in texts:
            known = "".join(c if c in self.vocabulary else UNKNOWN for c in text)
            padded = self._padded(known)
            for i in range(self.order - 1, len(padded)):
                total -= math.log2(self.probability(padded[i - self.order + 1:i], padded[i]))
            characters += len(text)
        return total, characters


def bits_per_character(order, train, test):
    texts, tests = documents(train), documents(test)
    model = KneserNey(texts, order, ends=len(texts) > 1)
    total, characters = model.bits(tests)
    return {"bits_per_character": total / characters, "characters": characters}


if __name__ == "__main__":
    print(json.dumps(bits_per_character(int(sys.argv[1]), sys.argv[2], sys.argv[3])))
