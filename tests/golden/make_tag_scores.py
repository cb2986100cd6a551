#!/usr/bin/python3
"""Writes tag_scores.json: what conlleval.pl and the script of the SIGHAN bakeoff say of random answers.

Both are written again here from their descriptions: conlleval's table of which pair of tags begins or ends a phrase,
walked tag by tag; SIGHAN's count of the lines that the program diff prints side by side (GNU diffutils). Run it again
only when a case is added: python3 tests/golden/make_tag_scores.py
"""
import json
import pathlib
import random
import subprocess
import tempfile

RANDOM = random.Random(11)
ENDS = {"BB", "BO", "IB", "IO", "EE", "EI", "EO"}
BEGINS = {"BB", "IB", "OB", "OI", "EE", "EI", "OE"}


def parted(tag):
    place, _, kind = tag.partition("-")
    return place, kind


def ends(before, tag):
    return before[0] + tag[0] in ENDS or (before[0] not in ("O", ".") and before[1] != tag[1]) or before[0] in "[]"


def begins(before, tag):
    return before[0] + tag[0] in BEGINS or (tag[0] not in ("O", ".") and before[1] != tag[1]) or tag[0] in "[]"


def conlleval(sentences):
    """The text that conlleval.pl prints of sentences of (gold, answer) pairs."""
    gold, found, right = {}, {}, {}
    tokens = tags_right = 0
    for sentence in sentences:
        last_gold = last_answer = ("O", "")
        inside = False  # a phrase that has been the same on both sides up to here
        for pair in sentence + [None]:
            g, a = (parted(pair[0]), parted(pair[1])) if pair else (("O", ""), ("O", ""))
            if inside:
                both = ends(last_gold, g), ends(last_answer, a)
                if all(both) and last_gold[1] == last_answer[1]:
                    inside = False
                    right[last_gold[1]] = right.get(last_gold[1], 0) + 1
                elif both[0] != both[1] or g[1] != a[1]:
                    inside = False
            if begins(last_gold, g) and begins(last_answer, a) and g[1] == a[1]:
                inside = True
            if begins(last_gold, g):
                gold[g[1]] = gold.get(g[1], 0) + 1
            if begins(last_answer, a):
                found[a[1]] = found.get(a[1], 0) + 1
            if pair:
                tokens += 1
                tags_right += g == a
            last_gold, last_answer = g, a

    def scores(r, f, g):
        precision = 100 * r / f if f else 0
        recall = 100 * r / g if g else 0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0
        return "precision: %6.2f%%; recall: %6.2f%%; FB1: %6.2f" % (precision, recall, f1)

    all_right, all_found, all_gold = (sum(counts.values()) for counts in (right, found, gold))
    text = f"processed {tokens} tokens with {all_gold} phrases; found: {all_found} phrases; correct: {all_right}.\n"
    text += "accuracy: %6.2f%%; %s\n" % (100 * tags_right / tokens, scores(all_right, all_found, all_gold))
    for kind in sorted(set(gold) | set(found)):
        text += "%17s: %s  %d\n" % (kind, scores(right.get(kind, 0), found.get(kind, 0), gold.get(kind, 0)),
                                    found.get(kind, 0))
    return text


def random_tags(count, tags):
    gold = [RANDOM.choice(tags) for _ in range(count)]
    return [(tag, tag if RANDOM.random() < 0.7 else RANDOM.choice(tags)) for tag in gold]


def conlleval_cases():
    alphabets = [["O", "B-X", "I-X", "B-Y", "I-Y"], ["O", "B", "I"], ["O", "B-NP-SBJ", "I-NP-SBJ", "B-NP", "I-NP-OBJ"],
                 ["O", "B-X", "E-X", "S-X", "I-X", "E-Y"]]
    cases = []
    for k in range(24):
        sentences = [random_tags(RANDOM.randint(1, 12), alphabets[k % 4]) for _ in range(RANDOM.randint(1, 9))]
        cases.append({"sentences": sentences, "text": conlleval(sentences)})
    return cases


def side_by_side(gold, answer, folder):
    """Counts of the marks of diff -y, and the words of gold that stand without one."""
    for name, words in (("gold", gold), ("answer", answer)):
        (folder / name).write_text("".join(word + "\n" for word in words), encoding="utf-8")
    arguments = ["diff", "-y", "--width=200", "--expand-tabs", str(folder / "gold"), str(folder / "answer")]
    lines = subprocess.run(arguments, capture_output=True, env={"LC_ALL": "C"}, check=False).stdout.decode()
    counts, equal = {"|": 0, "<": 0, ">": 0}, []
    for line in lines.splitlines():
        mark = [word for word in line.split() if word in counts]
        if mark:
            counts[mark[0]] += 1
        else:
            equal.append(line.split()[0])
    return counts, equal


def sighan(sentences, known):
    """The numbers of the script 'score'."""
    deletions = insertions = substitutions = true = test = unseen = unseen_right = right = 0
    with tempfile.TemporaryDirectory() as name:
        for gold, answer in sentences:
            counts, equal = side_by_side(gold, answer, pathlib.Path(name))
            substitutions += counts["|"]
            deletions += counts["<"]
            insertions += counts[">"]
            true += len(gold)
            test += len(answer)
            unseen += sum(word not in known for word in gold)
            unseen_right += sum(word not in known for word in equal)
            right += len(equal)
    return {"insertions": insertions, "deletions": deletions, "substitutions": substitutions, "gold": true, "found": test,
            "correct": right, "unseen": unseen, "unseen_correct": unseen_right}


def cut(text):
    words = []
    while text:
        size = RANDOM.choice([1, 1, 2, 2, 3])
        words.append(text[:size])
        text = text[size:]
    return words


def sighan_cases():
    cases = []
    for k in range(8):
        sentences = []
        for _ in range(6):
            # Few characters, so that words come again; every other case has one many times.
            text = "".join(RANDOM.choice("天地人大小" if k % 2 else "天地人大小山水火木金、、、") for _ in range(RANDOM.randint(0, 90)))
            gold = cut(text)
            sentences.append((gold, cut(text) if RANDOM.random() < 0.3 else recut(gold)))
        words = sorted({word for gold, _ in sentences for word in gold})
        known = [word for word in words if RANDOM.random() < 0.7]
        cases.append({"sentences": sentences, "known": known, "counts": sighan(sentences, set(known))})
    return cases


def recut(words):
    """Some neighbours joined, some words cut."""
    out = []
    for word in words:
        if out and RANDOM.random() < 0.15:
            out[-1] += word
        elif len(word) > 1 and RANDOM.random() < 0.25:
            out += [word[:1], word[1:]]
        else:
            out.append(word)
    return out


content = {"conlleval": conlleval_cases(), "sighan": sighan_cases()}
target = pathlib.Path(__file__).with_name("tag_scores.json")
target.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
