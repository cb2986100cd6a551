#!/usr/bin/env bash
# synaptic 1.1.4 (npm): clear() of an LSTM network does not clear its memory.
#
# Guess, written down first: clear() between two sequences brings the network back to where it was when new, so the same
#   sequence gives the same outputs whatever came before.
# Seen: it empties what training keeps for each connection, but the states and activations of the cells stay. The next
#   outputs are, to the last bit, those without clear(), and depend on every sequence the network has ever seen.
#   toJSON() writes those states too, so a network that is loaded goes on in the middle of its last sequence.
# So: keep the JSON of the unused network and load it anew for each sequence; scores otherwise depend on their order.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --ignore-scripts --no-audit --no-fund --silent synaptic@1.1.4 >npm.txt 2>&1 || { cat npm.txt >&2; exit 1; }

node - <<'NODE' || { echo "synaptic 1.1.4 no longer behaves as stated above" >&2; exit 1; }
let state = 5;
Math.random = () => (state = (state * 16807) % 2147483647) / 2147483647;
const { Architect, Network } = require('synaptic');
const unused = new Architect.LSTM(1, 3, 1).toJSON();
let failed = false;
for (const optimized of [false, true]) {
  const network = () => {
    const made = Network.fromJSON(JSON.parse(JSON.stringify(unused)));
    made.setOptimize(optimized);
    return made;
  };
  const [fresh, cleared, kept] = [network(), network(), network()];
  for (const input of [8, -3, 8, 8]) {
    cleared.activate([input]);
    kept.activate([input]);
  }
  cleared.clear();
  const loaded = Network.fromJSON(JSON.parse(JSON.stringify(cleared.toJSON())));
  const outputs = Object.entries({ fresh, cleared, kept, loaded }).map(([name, which]) =>
    [name, [0.5, 0, 0.5].map(input => which.activate([input])[0])]);
  for (const [name, values] of outputs)
    console.log(`synaptic 1.1.4, ${optimized ? 'optimised' : 'plain'}, ${name}: ` +
                values.map(value => value.toFixed(8)).join(' '));
  const [asNew, afterClear, withoutClear, afterLoad] = outputs.map(([, values]) => values);
  failed = failed || afterClear.join() !== withoutClear.join() || afterClear.join() !== afterLoad.join() ||
           Math.abs(afterClear[0] - asNew[0]) < 1e-4;
}
process.exit(failed ? 1 : 0);
NODE
