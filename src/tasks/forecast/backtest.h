/// Rolling origins: what a model would have said at some times of the past, and what came.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "tasks/forecast/model.h"

namespace rondo::forecast {

struct BacktestOptions {
  int windows = 1;  ///< origins of each series, the last one a horizon before its end
  int step = 0;     ///< steps between two origins; 0: the horizon
  int horizon = 0;  ///< steps scored; 0: the model's
  std::vector<double> levels = {};
  bool anomaly = false;  ///< scores each value by the widest interval
  /// Trains the model anew at the first origin and at every so many behind it, on what lies before; 0: never.
  int refit = 0;
  std::function<void(const std::string&)> notice = {};  ///< gets a line for each training; may be empty
};

/// One origin of one series.
struct BacktestForecast {
  std::size_t series = 0;
  std::string cutoff;  ///< time of the last row that was seen
  std::vector<std::string> times;
  std::vector<double> y;                       ///< NaN: missing
  std::vector<std::vector<double>> points;     ///< [method][step]
  std::vector<std::vector<double>> low, high;  ///< of the model: [level][step]
  std::vector<double> anomaly;                 ///< of each step; empty unless asked for
};

struct MethodErrors {
  double mae = 0, rmse = 0, smape = 0, mase = 0, wql = 0;  ///< NaN: undefined
  std::int64_t count = 0;
};

struct BacktestSeries {
  std::string id;
  int origins = 0;
  double season_error = 0;           ///< of what lies before the first origin; NaN: undefined
  std::vector<MethodErrors> errors;  ///< [method]
};

struct Backtest {
  int horizon = 1, period = 1;
  std::vector<std::string> methods;  ///< rondo first
  std::vector<double> levels;
  std::vector<BacktestSeries> series;
  std::vector<BacktestForecast> forecasts;
  std::vector<std::string> notices;

  /// Means over the series in which a score is defined, the number of these, and OWA.
  struct Mean {
    MethodErrors errors;
    std::int64_t mase_series = 0;
    double owa = 0;
  };
  Mean mean(std::size_t method) const;
  std::string to_json() const;
  /// `unique_id, ds, cutoff, y` and a column for each method and interval.
  std::string to_csv() const;
};

/// Error(option) for a horizon or levels that the model does not give, and for anomalies without intervals.
Backtest backtest(const ForecastModel& model, const std::vector<SeriesPart>& parts,
                  const BacktestOptions& options);

/// A number in a CSV cell: at most nine digits; of NaN an empty cell.
std::string csv_number(double value);
/// A text in a CSV cell, in quotation marks where it needs them.
std::string csv_text(const std::string& text);

}  // namespace rondo::forecast
