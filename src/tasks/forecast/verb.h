/// `rondo forecast` and `rondo backtest`.
#pragma once
#include <filesystem>
#include <tuple>
#include <vector>

#include <rondo/tasks/forecast.h>
#include <rondo/tasks/task.h>

namespace rondo::forecast {

struct ForecastCommand {
  std::vector<double> level = {};
  int horizon = 0;
  std::filesystem::path plot = {};
  bool anomaly = false;
  int paths = 0;
  ColumnOptions columns = {};

  static constexpr auto fields() {
    using O = ForecastCommand;
    return std::tuple{
        field("level", &O::level, "central intervals, in percent: 80,95; default: 80, if the model has any"),
        field("horizon", &O::horizon,
              "steps to forecast; 0: the model's; further ones are made from forecasts", 0, 1 << 20),
        field("plot", &O::plot, "SVG file for a picture of the first series"),
        field("anomaly", &O::anomaly,
              "instead of the future, each row beside a forecast from the rows before it, and how far it is "
              "outside of the interval"),
        field("paths", &O::paths, "paths that a deepar model draws, a column each", 0, 10'000),
        group(&O::columns, "Columns, if not as in training")};
  }
};
static_assert(all_fields_listed<ForecastCommand>);

struct BacktestCommand {
  int windows = 1;
  int step = 0;
  int horizon = 0;
  std::vector<double> level = {};
  int refit = 0;
  bool anomaly = false;
  ColumnOptions columns = {};

  static constexpr auto fields() {
    using O = BacktestCommand;
    return std::tuple{
        field("windows", &O::windows, "origins of each series, the last one a horizon before its end", 1,
              1 << 20),
        field("step", &O::step, "steps from one origin to the next; 0: the horizon", 0, 1 << 20),
        field("horizon", &O::horizon, "steps that are scored; 0: the model's", 0, 1 << 20),
        field("level", &O::level, "central intervals, in percent; default: 80, if the model has any"),
        field("refit", &O::refit,
              "trains anew at the first origin and every so many behind it, on the rows before; 0: never", 0,
              1 << 20),
        field("anomaly", &O::anomaly, "a column with how far each row is outside of the widest interval"),
        group(&O::columns, "Columns, if not as in training")};
  }
};
static_assert(all_fields_listed<BacktestCommand>);

/// CSV `unique_id,ds,rondo,rondo-lo-80,rondo-hi-80`, or a JSON object for each series. Of the file `-` a
/// forecast for each row as it comes (stream.h).
void run_forecast(const Forecaster& model, const ForecastCommand& command, const VerbCall& call);
/// CSV with the column `cutoff` and all methods, scores on standard error; or one JSON object.
void run_backtest(const Forecaster& model, const BacktestCommand& command, const VerbCall& call);

}  // namespace rondo::forecast
