#!/usr/bin/python3
"""Writes translation_scores.json: BLEU and chrF of made-up lines, by the definitions behind sacreBLEU 2 (Post 2018).

The tokenisers are regular expressions here, and the counts are Python's; rondo walks characters. Run it again only when a
case is added: python3 tests/golden/make_translation_scores.py
"""
import json
import math
import pathlib
import random
import re
import unicodedata
from collections import Counter

RANDOM = random.Random(5)
PIECES = ["the cat", "sat", "on", "a mat.", "3.5%", "it's", "(yes)", "1,000", "U.S.A.", "well-known", "2019-2020", "“oui”",
          "l'eau", "naïve", "&quot;x&quot;", "a&amp;b", "!", "…", "中文", "我爱北京。", "ABC中", "，", "\u2002x", "€5", "-", "a"]


def tokens_13a(line):
    line = line.rstrip().replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, meant in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        line = line.replace(entity, meant)
    return western(f" {line} ")


def western(line):
    line = re.sub(r"([\{-\~\[-\` -\&\(-\+\:-\@\/])", r" \1 ", line)
    line = re.sub(r"([^0-9])([\.,])", r"\1 \2 ", line)
    line = re.sub(r"([\.,])([^0-9])", r" \1 \2", line)
    line = re.sub(r"([0-9])(-)", r"\1 \2 ", line)
    return line.split()


def is_chinese(character):
    ranges = ((0x3400, 0x4DB5), (0x4E00, 0x9FA5), (0x9FA6, 0x9FBB), (0xF900, 0xFA2D), (0xFA30, 0xFA6A), (0xFA70, 0xFAD9),
              (0x2001, 0x2A6D), (0x2F81, 0x2FA1), (0xFF00, 0xFFEF), (0x2E80, 0x2EFF), (0x3000, 0x303F), (0x31C0, 0x31EF),
              (0x2F00, 0x2FDF), (0x2FF0, 0x2FFF), (0x3100, 0x312F), (0x31A0, 0x31BF), (0xFE10, 0xFE1F), (0xFE30, 0xFE4F),
              (0x2600, 0x26FF), (0x2700, 0x27BF), (0x3200, 0x32FF), (0x3300, 0x33FF))
    return any(first <= ord(character) <= last for first, last in ranges)


def tokens_zh(line):
    return western("".join(f" {c} " if is_chinese(c) else c for c in line.strip()))


def characters_of(kind):
    """All characters of a Unicode category, for a regular expression."""
    return "".join(re.escape(chr(c)) for c in range(0x110000)
                   if not 0xD800 <= c < 0xE000 and unicodedata.category(chr(c)).startswith(kind))


PUNCTUATED, SYMBOLS, NUMBERS = (characters_of(kind) for kind in "PSN")
INTL = [(re.compile(f"([^{NUMBERS}])([{PUNCTUATED}])"), r"\1 \2 "), (re.compile(f"([{PUNCTUATED}])([^{NUMBERS}])"), r" \1 \2"),
        (re.compile(f"([{SYMBOLS}])"), r" \1 ")]


def tokens_intl(line):
    for pattern, parted in INTL:
        line = pattern.sub(parted, line)
    return line.split()


TOKENS = {"13a": tokens_13a, "zh": tokens_zh, "intl": tokens_intl, "char": lambda line: list("".join(line.split())),
          "none": str.split}


def ngrams(items, order):
    return Counter(tuple(items[i:i + order]) for i in range(len(items) - order + 1))


def bleu(lines, references, cut):
    right, total, length, wanted = [0] * 4, [0] * 4, 0, 0
    for line, texts in zip(lines, references):
        own, others = cut(line), [cut(text) for text in texts]
        length += len(own)
        wanted += min((abs(len(other) - len(own)), len(other)) for other in others)[1]
        for order in range(4):
            most = Counter()
            for other in others:
                most |= ngrams(other, order + 1)
            found = ngrams(own, order + 1)
            right[order] += sum((found & most).values())
            total[order] += sum(found.values())
    if not any(right):
        return 0.0
    smooth, logs = 1, []
    for order in range(4):
        if total[order] == 0:
            break
        smooth *= 1 if right[order] else 2
        logs.append(math.log(100 * right[order] / total[order] if right[order] else 100 / (smooth * total[order])))
    logs += [-9999999999.0] * (4 - len(logs))
    penalty = 1 if length >= wanted else math.exp(1 - wanted / length) if length else 0
    return penalty * math.exp(sum(logs) / 4)


def chrf(lines, references, words):
    def counts(text):
        parts = []
        for word in text.split():
            if len(word) > 1 and word[-1] in PUNCTUATION:
                parts += [word[:-1], word[-1]]
            elif len(word) > 1 and word[0] in PUNCTUATION:
                parts += [word[0], word[1:]]
            else:
                parts.append(word)
        letters = "".join(text.split())
        return [ngrams(letters, n) for n in range(1, 7)] + [ngrams(parts, n) for n in range(1, words + 1)]

    def score(sums):
        kept = [(match / own, match / other) for own, other, match in sums if own and other]
        if not kept:
            return 0.0
        precision, recall = (sum(values) / len(kept) for values in zip(*kept))
        return 100 * 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0

    whole = [[0, 0, 0] for _ in range(6 + words)]
    for line, texts in zip(lines, references):
        own, best = counts(line), None
        for text in texts:
            sums = [[sum(a.values()) if b else 0, sum(b.values()), sum((a & b).values())]
                    for a, b in zip(own, counts(text))]
            if best is None or score(sums) > score(best):
                best = sums
        whole = [[x + y for x, y in zip(a, b)] for a, b in zip(whole, best)]
    return score(whole)


PUNCTUATION = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def line(pieces=PIECES):
    return " ".join(RANDOM.choice(pieces) for _ in range(RANDOM.randint(1, 9)))


def changed(text):
    words = [word for word in text.split(" ") if RANDOM.random() > 0.2]
    if RANDOM.random() < 0.5:
        words.insert(RANDOM.randint(0, len(words)), RANDOM.choice(PIECES))
    return " ".join(words)


def case(size, count):
    references = [[line() for _ in range(count)] for _ in range(size)]
    lines = [changed(RANDOM.choice(texts)) for texts in references]
    return {"lines": lines, "references": references,
            "bleu": {name: bleu(lines, references, cut) for name, cut in TOKENS.items()},
            "chrf": chrf(lines, references, 0), "chrf++": chrf(lines, references, 2)}


def main():
    cases = [case(size, count) for size, count in ((40, 1), (30, 2), (5, 1), (3, 3), (1, 1), (1, 1))]
    texts = [line() for _ in range(60)] + PIECES + ["", " ", "a-\tb", "1.", ".1", "a,b", "1,b", "x--y", "é.é", "5-", "𠀀x"]
    tokens = {name: [" ".join(cut(text)) for text in texts] for name, cut in TOKENS.items()}
    to = pathlib.Path(__file__).with_name("translation_scores.json")
    to.write_text(json.dumps({"texts": texts, "tokens": tokens, "cases": cases}, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
