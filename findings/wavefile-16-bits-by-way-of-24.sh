#!/usr/bin/env bash
# wavefile 11.0.0 (npm): 16-bit speech that becomes 24-bit and 16-bit again has changed in half of its values.
#
# Guess, written down first: more bits hold every 16-bit value, so the way there and back changes nothing.
# Seen: positive values are scaled by 8388607 / 32767 and negative ones by 256, and both ways end without rounding. Every
#   positive value but the largest comes back one lower: 32766 of the 65536 values. By way of 32 bits it is the same, by
#   32-bit floats 16639 values change, by 64-bit floats none. A second time takes one more from many of them.
# So: convert from the original samples once. To compare recordings bit for bit, never pass them through toBitDepth().
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --ignore-scripts --no-audit --no-fund --silent wavefile@11.0.0 >npm.txt 2>&1 || { cat npm.txt >&2; exit 1; }

node - <<'NODE' || { echo "wavefile 11.0.0 no longer behaves as stated above" >&2; exit 1; }
const { WaveFile } = require('wavefile');
const all = Int16Array.from({ length: 65536 }, (_, i) => i - 32768);
let failed = false;
for (const [between, times, expected] of [['24', 1, 32766], ['24', 2, 32766], ['32', 1, 32766], ['32f', 1, 16639],
                                          ['64', 1, 0]]) {
  const file = new WaveFile();
  file.fromScratch(1, 16000, '16', all);
  for (let i = 0; i < times; i++) {
    file.toBitDepth(between);
    file.toBitDepth('16');
  }
  const back = file.getSamples(false);
  let changed = 0;
  let negative = 0;
  let lowest = 0;
  all.forEach((value, i) => {
    changed += back[i] !== value;
    negative += back[i] !== value && value < 0;
    lowest = Math.min(lowest, back[i] - value);
  });
  console.log(`wavefile 11.0.0, 16 bits by way of ${between}, ${times} time(s): ${changed} of 65536 values changed, ` +
              `${negative} of them negative, by at most ${lowest}; 1000 became ${back[1000 + 32768]}`);
  failed = failed || changed !== expected || negative !== 0;
}
process.exit(failed ? 1 : 0);
NODE
