#!/usr/bin/env bash
# rouge 1.0.3 (npm): ROUGE-1 of a text with itself is far below 1.
#
# Guess, written down first: ROUGE-N as published: of the n-grams of the reference, repeats counted, the share that the
#   candidate has too, each at most as often as there. So a text against itself gets 1.
# Seen: the upper part of the fraction counts different n-grams and the lower part all of them. A sentence of 11 words, 5
#   of them different, gets 0.45 against itself, and its bigrams get 0.70. A candidate that leaves the repeats out gets
#   the same 0.45. Also, an n-gram is its words joined without a blank: "to day" and "tod ay" share their bigram.
# So: scores from it are lower the longer the reference, as words repeat; they are not comparable with published ROUGE.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --ignore-scripts --no-audit --no-fund --silent rouge@1.0.3 >npm.txt 2>&1 || { cat npm.txt >&2; exit 1; }

node - <<'NODE' || { echo "rouge 1.0.3 no longer behaves as stated above" >&2; exit 1; }
const rouge = require('rouge');

function grams(text, n) {
  const words = text.split(' ');
  const counts = new Map();
  for (let i = 0; i + n <= words.length; i++) {
    const gram = words.slice(i, i + n).join(' ');
    counts.set(gram, (counts.get(gram) || 0) + 1);
  }
  return counts;
}

function published(candidate, reference, n) {
  const has = grams(candidate, n);
  let matched = 0;
  let all = 0;
  for (const [gram, count] of grams(reference, n)) {
    matched += Math.min(count, has.get(gram) || 0);
    all += count;
  }
  return matched / all;
}

const long = 'the cat saw the dog and the dog saw the cat';
let failed = false;
for (const [candidate, reference, n, expected] of [
  ['one small river', 'one small river', 1, 1],
  [long, long, 1, 5 / 11],
  ['the cat saw dog and', long, 1, 5 / 11],
  [long, long, 2, 0.7],
  ['to day', 'tod ay', 2, 1],
]) {
  const got = rouge.n(candidate, reference, n);
  console.log(`rouge 1.0.3, ROUGE-${n} of "${candidate}" for "${reference}": ${got.toFixed(3)}, as published ` +
              published(candidate, reference, n).toFixed(3));
  failed = failed || Math.abs(got - expected) > 1e-9;
}
process.exit(failed ? 1 : 0);
NODE
