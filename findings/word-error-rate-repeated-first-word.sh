#!/usr/bin/env bash
# word-error-rate 0.0.7 (npm): a recogniser that repeats the first word makes no error.
#
# Guess, written down first: the edit distance over words, divided by the words of the reference.
# Seen: words put in before or after a lone first word cost nothing if they equal it: "the the the cat" against
#   "the cat" is 0 errors and a rate of 0, and so is "the" against "the the the". Repeats further on do count. And
#   the division is by the longer of the two texts, so the rate never exceeds 1, where the definition has no upper end.
# So: do not score a recogniser that may stutter with it, or compare its rates with those of other tools.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --ignore-scripts --no-audit --no-fund --silent word-error-rate@0.0.7 >npm.txt 2>&1 || { cat npm.txt >&2; exit 1; }

node - <<'NODE' || { echo "word-error-rate 0.0.7 no longer behaves as stated above" >&2; exit 1; }
const { calculateEditDistance, wordErrorRate } = require('word-error-rate');

function distance(one, two) {
  let above = two.map((_, i) => i).concat(two.length);
  one.forEach((word, i) => {
    const row = [i + 1];
    two.forEach((other, k) => row.push(Math.min(row[k] + 1, above[k + 1] + 1, above[k] + (word === other ? 0 : 1))));
    above = row;
  });
  return above[two.length];
}

let failed = false;
for (const [said, wanted, expected] of [
  ['the cat sat', 'the cat sits', 1],
  ['a the cat', 'the cat', 1],
  ['the the the cat', 'the cat', 0],
  ['the', 'the the the', 0],
  ['the cat cat cat', 'the cat', 2],
]) {
  const real = distance(said.split(' '), wanted.split(' '));
  const got = calculateEditDistance(said, wanted);
  console.log(`word-error-rate 0.0.7, "${said}" for "${wanted}": distance ${got}, by the definition ${real}; ` +
              `rate ${wordErrorRate(said, wanted).toFixed(2)}, by the definition ` +
              (real / wanted.split(' ').length).toFixed(2));
  failed = failed || got !== expected;
}
process.exit(failed || distance(['the', 'the', 'the', 'cat'], ['the', 'cat']) !== 2 ? 1 : 0);
NODE
