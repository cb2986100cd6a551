/// What forecasters say: forecasts, how unusual rows are, and scores.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <rondo/tasks/evaluation.h>

namespace [[gnu::visibility("default")]] rondo {

/// What comes after the last row of a series.
struct SeriesForecast {
  std::string id;                              ///< as in the data; of a single column, its name
  std::vector<std::string> times;              ///< of each step, as the data write them
  std::vector<double> point;                   ///< the median, or the mean of the head point; NaN: none
  std::vector<std::vector<double>> low, high;  ///< [level][step]; never cross
  std::vector<std::vector<double>> paths;      ///< [path][step] of deepar, as many as were asked for
  std::string note;                            ///< why there is no forecast; mostly empty
};

struct ForecastRequest {
  int horizon = 0;                  ///< steps; 0: the model's. More are made by feeding forecasts back
  std::vector<double> levels = {};  ///< of central intervals, in percent: 80
  int paths = 0;                    ///< of the paths behind deepar's quantiles, the first so many
};

/// What is unusual about the rows of a series, each beside a forecast one step ahead from the rows before it.
struct SeriesAnomalies {
  std::string id;
  std::vector<std::string> times;
  std::vector<double> y, point, low, high;
  /// 0 within the interval, bounds included; outside, the distance to the nearer bound divided by half the
  /// interval's width; NaN where the value or the forecast is missing or, outside, where the width is 0.
  std::vector<double> score;
};

/// Scores of forecasts of one method. NaN: not defined.
struct ForecastScores {
  std::string method;
  double mse = 0, mae = 0;                                       ///< of values scaled by the training part
  double rmse = 0, absolute = 0;                                 ///< in the units of the data: RMSE and MAE
  double smape = 0, mase = 0, wql = 0, coverage = 0, width = 0;  ///< coverage and width of 80 % intervals
};

struct ForecastEvaluation {
  std::int64_t windows = 0, missing = 0;  ///< missing: targets that are left out
  ForecastScores model;
  std::vector<ForecastScores> baselines;
  std::vector<report::Block> blocks = {};
};

}  // namespace rondo
