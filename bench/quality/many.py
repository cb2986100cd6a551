"""Many short texts: the memory of training on a million of them, and lines a second of the wide branch beside fastText's."""
import lzma
import random

import beside
import fasttext

PHRASES = "{data}/sst2-phrases/train.tsv.xz"
MILLION = 1_000_000


def phrases(run):
    with lzma.open(run.place.path(PHRASES), "rt", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def million_texts(run):
    """A million rows, each two drawn phrases of one label. `memory_share`: the peak as a share of three times the texts' bytes
    and 500 MB."""
    draw, by_label = random.Random(1), {}
    for label, text, *_ in phrases(run):
        by_label.setdefault(label, []).append(text)
    labels, size = sorted(by_label), 0
    with open(run.folder / "texts.tsv", "w", encoding="utf-8") as file:
        for _ in range(MILLION):
            label = draw.choice(labels)
            text = f"{draw.choice(by_label[label])} {draw.choice(by_label[label])}"
            size += len(text.encode())
            file.write(f"{label}\t{text}\n")
    scores = run.train("classify", "{folder}/texts.tsv", "--label", "1", "--text", "2", "--epochs", "1")
    return scores | {"memory_share": run.spent["memory_mb"] / (3 * size / 1e6 + 500)}


def lines(run):
    """Lines a second of `rondo train classify --wide only` and of fastText, with the models of sst2-phrases; starting does not
    count."""
    texts = [text for _, text, *_ in phrases(run)]
    cut = [" ".join(fasttext.TOKEN.findall(text.lower())) for text in texts]
    for name, rows in (("one", texts[:1]), ("all", texts), ("one.cut", cut[:1]), ("all.cut", cut)):
        (run.folder / name).write_text("".join(row + "\n" for row in rows), encoding="utf-8")
    own = beside.kept_model(run, "sst2-phrases-wide-only")
    other = run.place.work / "sst2-phrases-fasttext-1" / "model.bin"

    def ours(name):
        return ("sh", "-c", f"'{{rondo}}' predict '{own}' < '{{folder}}/{name}'")

    def theirs(name):
        return ("fasttext", "predict", str(other), f"{{folder}}/{name}.cut")

    turns = beside.turns(run, *(beside.command(words("one"), words("all"), len(texts) - 1) for words in (ours, theirs)))
    return beside.ratios(*map(beside.median, turns)) | {"speed": "lines a second; beside: fastText"}
