#!/usr/bin/env bash
# neataptic 1.4.7 (npm): in its LSTM a shut input gate does not shut out the bias, and an empty cell reads as one half.
#
# Guess, written down first: the LSTM with peepholes as published: c = f * c + i * tanh(W x + b) and h = o * tanh(c).
# Seen: c = f * c + b + i * (W x) and h = o * sigmoid(c). The bias of the cell is added at every step outside the gate,
#   so with the input gate shut and the forget gate open the cell counts steps. What is written is not bounded by tanh:
#   an input of 1000 goes in as 1000. What is read is never negative, and an empty cell gives o / 2.
# So: its weights cannot be moved into another LSTM. When you compare, set the biases of the memory cells to 0, keep the
#   inputs small, and expect the layer after it to see values around one half.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --ignore-scripts --no-audit --no-fund --silent neataptic@1.4.7 >npm.txt 2>&1 || { cat npm.txt >&2; exit 1; }

node - <<'NODE' || { echo "neataptic 1.4.7 no longer behaves as stated above" >&2; exit 1; }
const { architect } = require('neataptic');

function network(inputGateBias, cellBias) {
  const made = new architect.LSTM(1, 1, 1);
  const [, inputGate, forgetGate, cell, outputGate, output] = made.nodes;
  for (const node of made.nodes) {
    node.bias = 0;
    for (const connection of node.connections.in) connection.weight = 0;
  }
  inputGate.bias = inputGateBias;
  forgetGate.bias = 40;
  outputGate.bias = 40;
  cell.bias = cellBias;
  cell.connections.in.find(connection => connection.gater === inputGate).weight = 1;
  if (cell.connections.self.gater !== forgetGate || cell.connections.self.weight !== 1)
    throw new Error('the cell is not built as it was');
  return { cell, run: input => made.activate([input]) };
}

let failed = false;
function see(what, got, seen, published) {
  console.log(`neataptic 1.4.7, ${what}: ${got.toFixed(4)}; as published ${published.toFixed(4)}`);
  failed = failed || Math.abs(got - seen) > 1e-4 || Math.abs(got - published) < 0.1;
}

const shut = network(-40, 0.25);
for (let step = 0; step < 12; step++) shut.run(1);
see('input gate shut, bias 0.25, cell after 12 steps', shut.cell.state, 3, 0);

const open = network(40, 0);
open.run(1000);
see('input gate open, cell after an input of 1000', open.cell.state, 1000, Math.tanh(1000));

const empty = network(40, 0);
empty.run(0);
see('an empty cell is read as', empty.cell.activation, 0.5, 0);

const negative = network(40, 0);
negative.run(-1);
see('a cell that was given -1 is read as', negative.cell.activation, 1 / (1 + Math.E), Math.tanh(Math.tanh(-1)));
process.exit(failed ? 1 : 0);
NODE
