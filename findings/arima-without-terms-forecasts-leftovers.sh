#!/usr/bin/env bash
# arima 0.2.8 (npm): without AR and MA terms its forecasts are not forecasts.
#
# Guess, written down first: ARIMA(0,1,0), the random walk, forecasts the last value at every step; ARIMA(0,0,0) forecasts
#   the mean. They are the two models that every other one is measured against.
# Seen: (0,1,0) gives for a series around 50 numbers near 0 first and then others near 48, the last value nowhere;
#   (0,0,0) begins with the mean and goes on with twice the mean. The standard errors are around 48 where 1 is right: they
#   are values from the beginning of the series. Nothing is reported. With one term, (1,1,0) or (0,1,1), all is well.
#   The automatic search picks (0,1,0) for a random walk, rightly, and then forecasts numbers near 0 too.
# So: compute these two models by hand, also where the search picks one of them. A comparison "better than the random
#   walk" that was made with it is void.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --ignore-scripts --no-audit --no-fund --silent arima@0.2.8 >npm.txt 2>&1 || { cat npm.txt >&2; exit 1; }

node - <<'NODE' || { echo "arima 0.2.8 no longer behaves as stated above" >&2; exit 1; }
const ARIMA = require('arima');
let state = 5;
const uniform = () => (state = (state * 16807) % 2147483647) / 2147483647;
const series = [];
for (let i = 0, x = 0; i < 200; i++) {
  x = 0.8 * x + Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  series.push(50 + x);
}
const last = series[series.length - 1];
const mean = series.reduce((sum, value) => sum + value) / series.length;

let failed = false;
for (const [p, d, q, right, sound] of [[1, 1, 0, last, true], [0, 1, 1, last, true], [0, 1, 0, last, false],
                                       [0, 0, 0, mean, false]]) {
  const [forecast, errors] = new ARIMA({ p, d, q, verbose: false }).train(series).predict(5);
  const off = Math.max(...forecast.map(value => Math.abs(value - right)));
  const show = values => values.map(value => value.toFixed(2)).join(' ');
  console.log(`arima 0.2.8, (${p},${d},${q}): ${show(forecast)} with errors ${show(errors)}; ` +
              `${d ? 'the last value' : 'the mean'} is ${right.toFixed(2)}, farthest off ${off.toFixed(2)}`);
  failed = failed || (sound ? off > 1 || Math.max(...errors) > 10 : off < 5 || errors[0] < 10);
}

let level = 0;
const walk = series.map(value => (level += value - 50));
const [found] = new ARIMA({ auto: true, p: 0, d: 1, q: 0, verbose: false }).train(walk).predict(3);
console.log(`arima 0.2.8, automatic, after a random walk that ends at ${level.toFixed(2)}: ` +
            found.map(value => value.toFixed(2)).join(' '));
failed = failed || Math.max(...found.map(value => Math.abs(value - level))) < 5;
process.exit(failed ? 1 : 0);
NODE
