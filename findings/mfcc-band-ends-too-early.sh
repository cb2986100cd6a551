#!/usr/bin/env bash
# mfcc 0.0.3 (npm): its filters end far below the upper frequency that was asked for, and begin below the lower one.
#
# Guess, written down first: the n triangles lie between the two frequencies, as in HTK: the first begins at the lower
#   one, the last ends at the upper one.
# Seen: the first triangle has its peak at the lower frequency, so half of it lies below, and the last of the n + 2
#   points are never used. For 300 to 3500 Hz at 8 kHz the last triangle ends near 3220 Hz with 20 filters, and near
#   2780 Hz with 8. A tone of 3300 Hz changes no coefficient at all; one of 250 Hz does.
# So: the high part of speech, where s and f differ, is lost. Ask for a higher upper frequency, or build the filters
#   yourself. Coefficients from it do not fit a model that was trained on those of HTK or librosa.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --ignore-scripts --no-audit --no-fund --silent mfcc@0.0.3 >npm.txt 2>&1 || { cat npm.txt >&2; exit 1; }

node - <<'NODE' || { echo "mfcc 0.0.3 no longer behaves as stated above" >&2; exit 1; }
const mfcc = require('mfcc/src/mfcc.js');
const bins = 128;
const rate = 8000;
const low = 300;
const high = 3500;
const hertz = bin => (bin * rate / 2) / bins;
const mel = frequency => 1127 * Math.log(1 + frequency / 700);
const frequency = mels => 700 * (Math.exp(mels / 1127) - 1);
let failed = false;
for (const count of [8, 20, 30]) {
  const { filters } = mfcc.constructMelFilterBank(bins, count, low, high, rate);
  const used = Array.from({ length: bins }, (_, bin) => filters.some(filter => filter[bin] > 0));
  const first = hertz(used.indexOf(true));
  const last = hertz(used.lastIndexOf(true) + 1);
  const peak = hertz(filters[count - 1].indexOf(1));
  const wanted = frequency(mel(low) + count * (mel(high) - mel(low)) / (count + 1));
  console.log(`mfcc 0.0.3, ${count} filters for ${low} to ${high} Hz: they weigh ${first.toFixed(0)} to ` +
              `${last.toFixed(0)} Hz; the last peak is at ${peak.toFixed(0)} Hz, HTK's at ${wanted.toFixed(0)} Hz`);
  failed = failed || first >= low || last > 3400 || wanted - peak < 80;
}

const coefficients = mfcc.construct(bins, 20, low, high, rate);
const noise = Array.from({ length: bins }, (_, bin) => 1 + (bin * 7) % 5);
const before = coefficients(noise);
for (const [tone, heard] of [[250, true], [1000, true], [3300, false]]) {
  const spectrum = noise.slice();
  spectrum[Math.round(tone / hertz(1))] += 100;
  const change = Math.max(...coefficients(spectrum).map((value, i) => Math.abs(value - before[i])));
  console.log(`mfcc 0.0.3, 20 filters: a tone of ${tone} Hz changes the coefficients by at most ${change.toFixed(3)}`);
  failed = failed || (change > 0) !== heard;
}
process.exit(failed ? 1 : 0);
NODE
