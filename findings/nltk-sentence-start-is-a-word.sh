#!/usr/bin/env bash
# NLTK 3.8 (Debian 12): its language models expect the start of a sentence within a sentence, the more the higher the order.
#
# Guess, written down first: <s> is only ever a condition. As in an ARPA file, its own probability is (nearly) 0, and what
#   can follow a word is a word or </s>.
# Seen: padded_everygram_pipeline() counts the padding of both ends like words, n - 1 times a sentence. For sentences of
#   four words <s> is as probable after a word never seen as </s> is, and more than any word: 1/6 with order 2, 1/4 with
#   order 3, 1/3 with order 5, by Witten-Bell and by absolute discounting; after a known word it has a share too. What the
#   two take the words lose wherever the model falls back on shorter contexts: order 5 gives each half of what order 2 does.
# So: its perplexities are not those of SRILM, KenLM or IRSTLM for the same smoothing, and grow with the order for that
#   reason alone. Give fit() n-grams of your own: one </s> a sentence, and none that ends with <s>.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
if [ "$(dpkg-query -W -f '${Version}' python3-nltk 2>/dev/null || true)" != 3.8-1 ]; then
  apt-get -q download python3-nltk=3.8-1 python3-regex=0.1.20221031-1+b1 python3-joblib=1.2.0-4+deb12u1 \
    python3-click=8.1.3-2 python3-tqdm=4.64.1-1 >/dev/null 2>&1
  for package in ./*.deb; do dpkg-deb -x "$package" root; done
  export PYTHONPATH=$PWD/root/usr/lib/python3/dist-packages
fi

/usr/bin/python3 - <<'PYTHON' || { echo "NLTK 3.8 no longer behaves as stated above" >&2; exit 1; }
import sys
import nltk
from nltk.lm import AbsoluteDiscountingInterpolated, WittenBellInterpolated
from nltk.lm.preprocessing import padded_everygram_pipeline

sentences = [line.split() for line in ("the cat sees birds", "a dog sees cats", "the old dog sleeps", "birds sing at noon",
                                       "a cat sleeps here", "the dog sings loudly")]
failed = nltk.__version__ != "3.8"
for kind in (WittenBellInterpolated, AbsoluteDiscountingInterpolated):
    words = {}
    for order in (2, 3, 5):
        model = kind(order)
        model.fit(*padded_everygram_pipeline(order, sentences))
        unseen = ["zebra"] * (order - 1)
        chances = {word: model.score(word, unseen) for word in model.vocab}
        start = chances["<s>"]
        words[order] = chances["dog"]
        between = model.score("<s>", unseen[1:] + ["the"])
        print(f"NLTK 3.8, {kind.__name__}, order {order}: after a word never seen <s> has {start:.4f}, dog has "
              f"{words[order]:.4f}, all sum to {sum(chances.values()):.4f}; <s> after \"the\" has {between:.4f}")
        expected = (order - 1) / (order - 1 + 4 + order - 1)
        failed |= abs(start - expected) > 1e-6 or between < 0.01 or start < max(chances.values())
    failed |= abs(words[5] / words[2] - 0.5) > 0.001
sys.exit(1 if failed else 0)
PYTHON
