#!/usr/bin/env bash
# IRSTLM 6.00.05 (Debian 12): the perplexity that `compile-lm --eval` prints of a text with unknown words is not that of
# the model in the file.
#
# Guess, written down first: the printed PP is what the probabilities of the ARPA file give, <unk> included.
# Seen: that holds while every word is known. An unknown word costs 7 more in log10 than the <unk> of the file, because
#   its probability is divided by ten million imagined words, a number that stands in no file and in no line of the
#   output (option --dub). The printed PP is 39 % higher with 2 % of unknown words; PPwp is exactly that difference.
# So: compare perplexities only over texts without unknown words, or subtract PPwp, or give --dub yourself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get -q download irstlm=6.00.05-3+b1 libirstlm1=6.00.05-3+b1 >/dev/null 2>&1
for package in ./*.deb; do dpkg-deb -x "$package" root; done
export IRSTLM=$PWD/root/usr/lib/irstlm
export LD_LIBRARY_PATH=$(dirname "$(find "$PWD/root" -name 'libirstlm*' | head -n 1)")

python3 - <<'PYTHON'
import random
random.seed(3)
things = "river stone bird market window letter garden road lamp horse".split()
does = "sees finds carries leaves follows opens keeps".split()
looks = "old small quiet red long".split()

def sentence():
    some = lambda: (random.choice(looks) + " " if random.random() < 0.45 else "") + random.choice(things)
    return f"the {some()} {random.choice(does)} the {some()}"

def write(name, count, change=lambda text: text):
    with open(name, "w") as file:
        for _ in range(count):
            file.write(f"<s> {change(sentence())} </s>\n")

write("train.txt", 400)
write("known.txt", 100)
write("unknown.txt", 100, lambda text: text.replace("river", "ocean"))
PYTHON
"$IRSTLM/bin/tlm" -tr=train.txt -n=3 -lm=wb -oarpa=model.arpa >log.txt 2>&1
for text in known unknown; do
  "$IRSTLM/bin/compile-lm" --eval=$text.txt model.arpa 2>&1 | tail -n 1 >$text.printed
done

python3 - <<'PYTHON' || { echo "IRSTLM 6.00.05 no longer behaves as stated above" >&2; exit 1; }
import math, re, sys

chance, backoff, order = {}, {}, 0
for line in open("model.arpa"):
    line = line.rstrip("\n")
    if line.startswith("\\"):
        order = int(line[1]) if line[1].isdigit() else 0
    elif order and line:
        parts = line.split("\t")
        words = tuple(parts[1].split())
        chance[words] = float(parts[0])
        backoff[words] = float(parts[2]) if len(parts) > 2 else 0.0
known = {words[0] for words in chance if len(words) == 1}

def log10_of(before, word):
    if before + (word,) in chance:
        return chance[before + (word,)]
    return backoff.get(before, 0.0) + log10_of(before[1:], word)

failed = False
for text, printed_as_the_file_says in (("known", True), ("unknown", False)):
    total = count = unknown = 0
    for line in open(text + ".txt"):
        words = [word if word in known else "<unk>" for word in line.split()]
        for i in range(1, len(words)):
            total += log10_of(tuple(words[max(0, i - 2):i]), words[i])
            count += 1
            unknown += words[i] == "<unk>"
    own = 10 ** (-total / count)
    line = open(text + ".printed").read()
    pp, wp = (float(re.search(name + r"=([0-9.]+)", line)[1]) for name in ("PP", "PPwp"))
    extra = (math.log10(pp) * count + total) / unknown if unknown else 0.0
    print(f"IRSTLM 6.00.05, {text} words: printed PP {pp:.2f} (PPwp {wp:.2f}), by the ARPA file {own:.2f}; "
          f"{unknown} of {count} words unknown, each {extra:.2f} worse in log10")
    failed |= (abs(pp - own) < 0.02) != printed_as_the_file_says or abs(pp - wp - own) > 0.02
    failed |= unknown > 0 and abs(extra - 7) > 0.05
sys.exit(1 if failed else 0)
PYTHON
