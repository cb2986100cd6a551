#!/usr/bin/env bash
# brain.js 1.6.1 (npm): its LSTM has no memory cell.
#
# Guess, written down first: the usual LSTM, c = f * c + i * g and h = o * tanh(c), with c kept from step to step.
# Seen: only h is kept. The forget gate multiplies the last output, where the usual LSTM multiplies the last cell, so
#   c = f * h + i * g. With every gate wide open one LSTM cell should hold a value for ever; here it fades at each step
#   as tanh of itself, from 0.64 to 0.33 in ten steps, and no setting of the gates prevents that.
# So: what brain.js calls LSTM is another network. Its weights put into a real LSTM give other numbers, and results
#   with it say nothing about LSTMs over long gaps.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --ignore-scripts --no-audit --no-fund --silent brain.js@1.6.1 >npm.txt 2>&1 || { cat npm.txt >&2; exit 1; }

node - <<'NODE' || { echo "brain.js 1.6.1 no longer behaves as stated above" >&2; exit 1; }
const brain = require('brain.js');
const network = new brain.recurrent.LSTMTimeStep({ inputSize: 1, hiddenLayers: [1], outputSize: 1 });
network.train([[0.1, 0.2]], { iterations: 1 });  // it will not run untrained; every weight is set below
const { hiddenLayers: [cell], outputConnector, output } = network.model;
for (const name in cell) cell[name].weights.fill(0);
for (const gate of ['inputBias', 'forgetBias', 'outputBias']) cell[gate].weights[0] = 40;  // sigmoid(40) is 1
cell.cellActivationMatrix.weights[0] = 1;
outputConnector.weights[0] = 1;
output.weights[0] = 0;

let failed = false;
let usual = 0;  // the cell of the usual LSTM
let seen = 0;   // what brain.js keeps
const inputs = [];
for (let step = 0; step <= 10; step++) {
  const input = step === 0 ? 1 : 0;
  inputs.push(input);
  usual = usual + Math.tanh(input);
  seen = Math.tanh(seen + Math.tanh(input));
  const got = Number(network.run(inputs));
  if (step % 5 === 0)
    console.log(`brain.js 1.6.1, ${step} steps after the one: ${got.toFixed(4)}; the usual LSTM ` +
                `${Math.tanh(usual).toFixed(4)}, f * h + i * g ${seen.toFixed(4)}`);
  failed = failed || Math.abs(got - seen) > 1e-5;
}
process.exit(failed || Math.abs(seen - Math.tanh(usual)) < 0.2 ? 1 : 0);
NODE
