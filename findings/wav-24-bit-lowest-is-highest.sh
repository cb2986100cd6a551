#!/usr/bin/env bash
# node-wav 0.0.2 and wav-decoder 1.3.0 (npm): the lowest 24-bit sample is read as +1.
#
# Guess, written down first: -8388608, the lowest value of 24 bits, becomes -1, as the lowest of 8, 16 and 32 bits does.
# Seen: both packages give 1.0000001 for it, and -1 nearly for its neighbour. So in a recording that is clipped from
#   below every trough that touches the bottom becomes a click over the whole range. The other widths are right.
# So: a clipped 24-bit recording read by either needs those samples put back; sums, filters and features spread them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --ignore-scripts --no-audit --no-fund --silent node-wav@0.0.2 wav-decoder@1.3.0 >npm.txt 2>&1 || { cat npm.txt >&2; exit 1; }

node - 2>/dev/null <<'NODE' || { echo "node-wav 0.0.2 and wav-decoder 1.3.0 no longer behave as stated above" >&2; exit 1; }
const nodeWav = require('node-wav');
const wavDecoder = require('wav-decoder');

function wav(bits, values) {
  const bytes = bits / 8;
  const file = Buffer.alloc(44 + values.length * bytes);
  file.write('RIFF    WAVEfmt ');
  file.writeUInt32LE(file.length - 8, 4);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(16000, 24);
  file.writeUInt32LE(16000 * bytes, 28);
  file.writeUInt16LE(bytes, 32);
  file.writeUInt16LE(bits, 34);
  file.write('data', 36);
  file.writeUInt32LE(values.length * bytes, 40);
  values.forEach((value, i) => {
    if (bits === 8) file.writeUInt8(value + 128, 44 + i);
    else file.writeIntLE(value, 44 + i * bytes, bytes);
  });
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
}

let failed = false;
for (const bits of [8, 16, 24, 32]) {
  const lowest = -(2 ** (bits - 1));
  const file = wav(bits, [lowest, lowest + 1, 0, -lowest - 1]);
  for (const [name, decode] of [['node-wav 0.0.2', nodeWav.decode], ['wav-decoder 1.3.0', wavDecoder.decode.sync]]) {
    const got = Array.from(decode(file).channelData[0]);
    console.log(`${name}, ${bits} bits, lowest, next, zero, highest: ${got.map(value => value.toFixed(7)).join(' ')}`);
    failed = failed || Math.abs(got[0] - (bits === 24 ? 1 : -1)) > 1e-6 || got[1] > -0.99;
  }
}
process.exit(failed ? 1 : 0);
NODE
