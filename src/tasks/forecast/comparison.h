/// Sums behind the scores of several methods over the same windows.
#pragma once
#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tasks/forecast/input.h"
#include "tasks/forecast/scores.h"

namespace rondo::forecast {

/// Levels of the weighted quantile loss; 80 % intervals are among them.
inline constexpr std::array<double, 9> score_levels = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};

/// Errors of one series.
struct SeriesSums {
  std::int64_t count = 0;
  double absolute = 0, squared = 0, smape = 0;
  void add(double y, double f);
};

/// Everything about one method.
class MethodSums {
 public:
  MethodSums(std::string name, std::size_t series, int horizon);

  /// Points and, unless it is empty, quantiles [score_levels, horizon] of a window; NaN: none.
  void add(std::size_t series, std::span<const double> y, std::span<const double> scaled_y,
           std::span<const double> f, std::span<const double> scaled_f, std::span<const double> quantiles);
  /// `season_errors`: of each series.
  ForecastScores scores(std::span<const double> season_errors) const;
  const std::string& name() const noexcept { return name_; }
  const SeriesSums& of(std::size_t series) const { return by_series_[series]; }
  /// The mean absolute scaled error of each step ahead.
  std::vector<double> by_step() const;
  /// Targets whose forecast was missing.
  std::int64_t skipped() const noexcept { return skipped_; }

 private:
  std::string name_;
  std::vector<SeriesSums> by_series_;
  std::vector<double> step_errors_;
  std::vector<std::int64_t> step_counts_;
  double squared_ = 0, absolute_ = 0;
  std::int64_t count_ = 0, skipped_ = 0;
  QuantileSums quantiles_;
  IntervalSums intervals_;
};

/// Forecasts of the methods that learn nothing, for one window of a series.
struct PlainForecasts {
  std::vector<double> naive, seasonal, drift, theta;
};
PlainForecasts plain_forecasts(const PreparedSeries& series, std::int64_t origin, int horizon, int period);

/// A seasonal naive with quantiles: what seasons before the part differed by, so many seasons ahead.
class SeasonalQuantiles {
 public:
  SeasonalQuantiles(const std::vector<PreparedSeries>& series, int period)
      : series_(series), period_(period) {}
  /// [score_levels, horizon] around points; NaN where nothing lies before the part.
  std::vector<double> around(std::size_t series, std::span<const double> points);

 private:
  const std::vector<double>& residuals(std::size_t series, std::int64_t lag);
  const std::vector<PreparedSeries>& series_;
  int period_;
  std::map<std::pair<std::size_t, std::int64_t>, std::vector<double>> residuals_;
};

/// mean |y_t - y_(t - period)| of what lies before each part; where nothing does, of the training part.
std::vector<double> season_errors_before(const std::vector<PreparedSeries>& series, int period);

/// Values as the model scales them.
std::vector<double> scaled(const PreparedSeries& series, const ForecastInput& input,
                           std::span<const double> raw);
std::vector<double> unscaled(const PreparedSeries& series, const ForecastInput& input,
                             std::span<const double> z);

}  // namespace rondo::forecast
