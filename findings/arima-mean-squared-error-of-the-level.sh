#!/usr/bin/env bash
# statsmodels 0.13.5 (Debian 12): the mean squared error of an ARIMA model that takes differences is mostly that of a
# forecast nobody made.
#
# Guess, written down first: `results.mse` is the mean of the squared one-step errors, so nearly the variance sigma2 of
#   the fitted model.
# Seen: the first forecast counts as 0, and its error, the whole first value of the series, is squared with the rest.
#   A random walk of 100 values that begins at 1000 gets an mse of 10000.73 where 0.74 is right, at 10 still 1.73; mae, sse,
#   resid and fittedvalues have it too. With seasonal differences of 12 the first 12 values count whole.
#   The log-likelihood leaves them out, so AIC and sigma2 are right.
# So: such models look a thousand times worse than one without differences. Leave out the first d + s D residuals.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
if [ "$(dpkg-query -W -f '${Version}' python3-statsmodels 2>/dev/null || true)" != 0.13.5+dfsg-7 ]; then
  apt-get -q download python3-statsmodels=0.13.5+dfsg-7 python3-statsmodels-lib=0.13.5+dfsg-7 \
    python3-pandas=1.5.3+dfsg-2 python3-pandas-lib=1.5.3+dfsg-2 python3-scipy=1.10.1-2 python3-patsy=0.5.3-1 \
    python3-numpy=1:1.24.2-1+deb12u1 python3-decorator=5.1.1-3 python3-pkg-resources python3-dateutil=2.8.2-2 \
    python3-tz=2022.7.1-4 python3-six=1.16.0-4 python3-packaging=23.0-1 liblbfgsb0=3.0+dfsg.4-1 libblas3=3.11.0-2 \
    liblapack3=3.11.0-2 libgfortran5=12.2.0-14+deb12u1 libquadmath0=12.2.0-14+deb12u1 >/dev/null 2>&1
  for package in ./*.deb; do dpkg-deb -x "$package" root; done
  libraries=$(find "$PWD/root" -name '*.so.*' -path '*/lib/*-linux-gnu/*' -printf '%h\n' | sort -u | paste -s -d :)
  export LD_LIBRARY_PATH=$libraries PYTHONPATH=$PWD/root/usr/lib/python3/dist-packages
fi

/usr/bin/python3 -W ignore - <<'PYTHON' || { echo "statsmodels 0.13.5 no longer behaves as stated above" >&2; exit 1; }
import sys
import numpy as np
import statsmodels
from statsmodels.tsa.arima.model import ARIMA

steps = np.random.default_rng(1).normal(size=100)
steps[0] = 0
failed = not statsmodels.__version__.startswith("0.13.5")
for what, start, order, seasonal, left_out in (
        ("no differences", 1000, (1, 0, 0), (0, 0, 0, 0), 0), ("differences", 10, (0, 1, 0), (0, 0, 0, 0), 1),
        ("differences", 1000, (0, 1, 0), (0, 0, 0, 0), 1), ("seasonal differences", 1000, (0, 0, 0), (0, 1, 0, 12), 12)):
    series = start + np.cumsum(steps)
    result = ARIMA(series, order=order, seasonal_order=seasonal).fit()
    sigma2 = result.params[-1]
    errors = series - result.fittedvalues
    rest = np.mean(errors[left_out:] ** 2)
    first = np.abs(result.fittedvalues[:left_out]).max() if left_out else 0.0
    print(f"statsmodels 0.13.5, {what}, from {start}: mse {result.mse:.2f}, without the first {left_out} {rest:.2f}, "
          f"sigma2 {sigma2:.2f}; the first forecasts are at most {first:.2f}")
    failed |= abs(rest / sigma2 - 1) > 0.2 or first > 1e-6
    failed |= abs(result.mse - (np.sum(series[:left_out] ** 2) + rest * (100 - left_out)) / 100) > 0.001 * result.mse
    failed |= (result.mse > 1.5 * sigma2) != (left_out > 0)
sys.exit(1 if failed else 0)
PYTHON
