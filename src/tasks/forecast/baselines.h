/// Forecasts without learning, or with a line: what every model stands beside.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tasks/forecast/input.h"

namespace rondo::forecast {

/// Steps in order of time; NaN: missing. All give `horizon` numbers; NaN where there is nothing to go by.
using PastValues = std::span<const double>;

/// The last value that is there.
std::vector<double> naive(PastValues past, int horizon);
/// The value one season before; where that is missing, a season more.
std::vector<double> seasonal_naive(PastValues past, int horizon, int period);

/// Where the value one season before was missing: collected over forecasts, to be said.
class SeasonalFallbacks {
 public:
  explicit SeasonalFallbacks(int period) : period_(period) {}
  void add(const std::string& id, PastValues past, int horizon);
  /// Steps without any value so many seasons before; they have no forecast.
  std::int64_t none() const noexcept { return none_; }
  /// Steps whose value is of an earlier season than the last one.
  std::int64_t earlier() const noexcept { return earlier_; }
  /// Nothing, or a line for each of the two with the series.
  std::vector<std::string> lines() const;

 private:
  struct Steps {
    std::string id;
    std::int64_t count, of;
  };
  std::string named(const std::vector<Steps>& steps) const;

  int period_;
  std::int64_t none_ = 0, earlier_ = 0;
  std::vector<Steps> without_, with_;
};

/// Naive 2 of M4: the last value without its season, with the season put back, where values are positive and
/// the season stands out; else naive.
std::vector<double> naive2(PastValues past, int horizon, int period);
/// On from the last value by the mean step from the first one.
std::vector<double> drift(PastValues past, int horizon);
/// The theta method (Assimakopoulos & Nikolopoulos 2000): simple exponential smoothing with half of the trend
/// (Hyndman & Billah 2003), of a series without its season (classical decomposition) if it has one. It sees
/// at most 4 seasons or 512 steps, whichever is more.
std::vector<double> theta(PastValues past, int horizon, int period);

/// A linear map from a window to its future in scaled values, of all series together, by least squares with
/// a ridge. NLinear: of the differences from the last value. DLinear: of a moving average of 25 steps and of
/// the rest (Zeng et al. 2023).
class LinearBaseline {
 public:
  enum class Kind { nlinear, dlinear };
  LinearBaseline(Kind kind, const ForecastInput& input, const std::vector<PreparedSeries>& series,
                 std::span<const Window> windows);
  bool fitted() const noexcept { return !weights_.empty(); }
  /// Scaled values of the future of a window.
  std::vector<double> forecast(const PreparedSeries& series, std::int64_t origin) const;

 private:
  std::vector<double> features(const PreparedSeries& series, std::int64_t origin, double& last) const;

  Kind kind_;
  int lookback_, horizon_;
  std::vector<double> weights_;  ///< [features, horizon]
};

}  // namespace rondo::forecast
