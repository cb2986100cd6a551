"""ETS and ARIMA of statsmodels (Debian's python3-statsmodels) on one series, as rows beside rondo's: forecasts one step ahead over
the last rows. Like rondo's backtests, models are chosen and fitted once, on what lies before, and then see each value as it comes.

    python3 bench/quality/classical.py ets|arima FILE.csv WINDOWS PERIOD
"""
import csv
import itertools
import json
import sys
import warnings

LONGEST_SEASON = 24  # of a longer one neither model can hold the states; it is taken off first


def series_in(file):
    with open(file, encoding="utf-8", newline="") as lines:
        return [float(row[-1]) for row in list(csv.reader(lines))[1:] if row]


def without_season(y, known, period):
    """The series without a long season, and the season: STL of the known part, its last cycle going on."""
    import numpy
    from statsmodels.tsa.seasonal import STL
    if period <= LONGEST_SEASON or known < 2 * period:
        return y, numpy.zeros(len(y))
    season = STL(y[:known], period=period).fit().seasonal
    cycle = season[-period:]
    season = numpy.concatenate([season, [cycle[i % period] for i in range(len(y) - known)]])
    return y - season, season


def best_by_aic(fits):
    """The fit of the least AIC; a model that cannot be fitted does not count."""
    best = None
    for fit in fits:
        try:
            fitted = fit()
        except (ValueError, ZeroDivisionError, ArithmeticError, IndexError):
            continue
        if best is None or fitted.aic < best.aic:
            best = fitted
    return best


def ets(y, known, period):
    """Error, trend (none, straight, damped) and season (none, added, multiplied) by AIC."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    seasonal = period if 1 < period <= LONGEST_SEASON else None
    kinds = [None, "add", "mul"] if seasonal and min(y) > 0 else [None, "add"] if seasonal else [None]

    def forms():
        for error, (trend, damped), season in itertools.product(
                ["add", "mul"] if min(y) > 0 else ["add"], [(None, False), ("add", False), ("add", True)], kinds):
            yield {"error": error, "trend": trend, "damped_trend": damped, "seasonal": season,
                   "seasonal_periods": seasonal if season else None}
    best = best_by_aic([lambda form=form: (ETSModel(y[:known], **form).fit(disp=False)) for form in forms()])
    form = {name: getattr(best.model, name) for name in ("error", "trend", "damped_trend", "seasonal")}
    if form["seasonal"]:
        form["seasonal_periods"] = seasonal
    return ETSModel(y, **form).smooth(best.params).fittedvalues, str(best.model.short_name)


def arima(y, known, period):
    """Orders up to 2, seasonal ones up to 1, by AIC; differences by the KPSS test, and one of a season."""
    from statsmodels.tsa.arima.model import ARIMA
    from statsmodels.tsa.stattools import kpss
    seasonal = 1 < period <= LONGEST_SEASON
    differences = int(kpss(y[:known], nlags="auto")[1] < 0.05)
    seasons = itertools.product((0, 1), (1,), (0, 1), (period,)) if seasonal else [(0, 0, 0, 0)]
    orders = list(itertools.product((0, 1, 2), (differences,), (0, 1, 2), seasons))
    best = best_by_aic([lambda order=order: ARIMA(y[:known], order=order[:3], seasonal_order=order[3]).fit() for order in orders])
    order, season = best.model.order, best.model.seasonal_order
    return best.append(y[known:], refit=False).fittedvalues, f"{order}{season if seasonal else ''}"


def main(kind, file, windows, period):
    try:
        import numpy
        import statsmodels  # noqa: F401
    except ImportError as error:
        sys.exit(f"{error}; apt-get install python3-statsmodels, and run this with /usr/bin/python3")
    warnings.simplefilter("ignore")
    y = numpy.array(series_in(file))
    known = len(y) - windows
    rest, season = without_season(y, known, period)
    forecasts, form = {"ets": ets, "arima": arima}[kind](rest, known, period)
    error = numpy.mean(numpy.abs(y[known:] - (forecasts + season)[known:]))
    scale = numpy.mean(numpy.abs(y[period:known] - y[:known - period]))
    print(json.dumps({"mase": error / scale, "form": form}))


def measure(kind, file, windows, period):
    """For a row's `measure`: MASE of one of the two; what was chosen stands below the table."""
    def run(of):
        return json.loads(of.command("/usr/bin/python3", "-B", "-W", "ignore", __file__, kind, file, str(windows), str(period)))
    return run


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
