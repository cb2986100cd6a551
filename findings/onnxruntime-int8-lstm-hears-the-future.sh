#!/usr/bin/env bash
# onnxruntime-node 1.30.0 (npm): what a forward DynamicQuantizeLSTM says of the first step depends on the last step, and on
# the other sequences of the batch.
#
# Guess, written down first: a forward LSTM is causal. Whatever comes later, and whoever else is in the batch, the output of
#   the first step keeps its bits, with weights of 8 bits as well.
# Seen: one scale rounds the whole input to 8 bits: all steps of all sequences. A value of 20 among values of at most 1 makes it
#   coarser for all. In the last step it moves the first output of the first step by 0.015, in the other sequence by 0.015,
#   too. LSTM in 32 bits moves nothing.
# So: with such a model a stream does not give what the whole file gives, and an answer depends on what is answered with it.
#   Scores measured in batches say little about one request at a time. A scale for each row would not have this.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --ignore-scripts --no-audit --no-fund --silent onnxruntime-node@1.30.0 >npm.txt 2>&1 || { cat npm.txt >&2; exit 1; }

node - <<'NODE' || { echo "onnxruntime-node 1.30.0 no longer behaves as stated above" >&2; exit 1; }
const ort = require('onnxruntime-node');
const FLOAT = 1, INT8 = 3;

// ONNX's messages, as far as they are needed: a field is its number and a length or a whole number.
const varint = n => { const bytes = []; do { bytes.push(n > 127 ? n % 128 + 128 : n); n = Math.floor(n / 128); } while (n > 0); return bytes; };
const field = (number, value) => typeof value === 'number' ? Buffer.from([...varint(number * 8), ...varint(value)]) :
  (value = Buffer.from(value), Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(value.length)]), value]));
const all = (...parts) => Buffer.concat(parts);
const tensor = (name, type, dims, data) => field(5, all(...dims.map(d => field(1, d)), field(2, type), field(8, name),
  field(9, Buffer.from(data.buffer))));
const value = (number, name, dims) => field(number, all(field(1, name), field(2, field(1, all(field(1, FLOAT),
  field(2, all(...dims.map(d => field(1, field(1, d))))))))));

const units = 8, inputs = 8, steps = 4, batch = 2;
const drawn = (count, seed) => Float32Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + seed));
function model(small) {
  const tensors = [], names = ['x', 'W', 'R', ''];
  for (const [name, width, seed] of [['W', inputs, 1], ['R', units, 2]]) {
    const rows = drawn(4 * units * width, seed);
    if (!small) { tensors.push(tensor(name, FLOAT, [1, 4 * units, width], rows)); continue; }
    const whole = new Int8Array(rows.length);
    for (let r = 0; r < 4 * units; r++) for (let c = 0; c < width; c++) whole[c * 4 * units + r] = Math.round(127 * rows[r * width + c]);
    tensors.push(tensor(name, INT8, [1, width, 4 * units], whole),
                 tensor(`${name}_scale`, FLOAT, [1, 4 * units], new Float32Array(4 * units).fill(1 / 127)),
                 tensor(`${name}_zero`, INT8, [1, 4 * units], new Int8Array(4 * units)));
  }
  if (small) names.push('', '', '', '', 'W_scale', 'W_zero', 'R_scale', 'R_zero');
  const attribute = field(5, all(field(1, 'hidden_size'), field(3, units), field(20, 2)));
  const node = all(...names.map(n => field(1, n)), field(2, 'y'), field(4, small ? 'DynamicQuantizeLSTM' : 'LSTM'), attribute,
                   ...(small ? [field(7, 'com.microsoft')] : []));
  const graph = all(field(1, node), field(2, 'g'), ...tensors, value(11, 'x', [steps, batch, inputs]),
                    value(12, 'y', [steps, 1, batch, units]));
  return all(field(1, 7), field(7, graph), field(8, all(field(1, ''), field(2, 12))),
             field(8, all(field(1, 'com.microsoft'), field(2, 1))));
}

(async () => {
  const seen = {};
  for (const small of [false, true]) {
    const session = await ort.InferenceSession.create(model(small));
    const run = async x => (await session.run({ x: new ort.Tensor('float32', x, [steps, batch, inputs]) })).y.data;
    // How far the first sequence's first output moves when something else changes.
    const moved = async change => {
      const x = drawn(steps * batch * inputs, 3), other = x.slice();
      change(other);
      const [before, after] = [await run(x), await run(other)];
      let most = 0;
      for (let i = 0; i < units; i++) most = Math.max(most, Math.abs(before[i] - after[i]));
      return most;
    };
    const later = await moved(x => { x[(steps - 1) * batch * inputs] = 20; });
    const company = await moved(x => { x[inputs] = 20; });
    console.log(`${small ? 'DynamicQuantizeLSTM' : 'LSTM'}: the first output of the first sequence moves by ${later.toFixed(4)} when the last ` +
                `step has a 20, and by ${company.toFixed(4)} when the other sequence has one`);
    seen[small] = [later, company];
  }
  const right = seen[false].every(d => d === 0) && seen[true].every(d => d > 0.001);
  process.exit(right ? 0 : 1);
})();
NODE
