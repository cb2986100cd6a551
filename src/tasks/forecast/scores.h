/// Scores of forecasts. Pure functions over values in order. Where a value or its forecast is NaN, the pair
/// is left out; a score without any pair, or with a denominator of 0, is NaN: undefined.
#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace rondo::forecast {

inline constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

double mean_squared_error(std::span<const double> y, std::span<const double> f);
double mean_absolute_error(std::span<const double> y, std::span<const double> f);
/// 200 |y - f| / (|y| + |f|), of 0 and 0 exactly 0 (M4; Makridakis et al. 2020).
double smape_term(double y, double f);
double smape(std::span<const double> y, std::span<const double> f);
/// The mean absolute error by the mean |y_t - y_(t - period)| of the training part (Hyndman & Koehler 2006).
double mase(double mean_absolute_error, double season_error);
/// Half of sMAPE and MASE by those of Naive 2, each a mean over series first (M4).
double owa(double smape, double mase, double smape_of_naive, double mase_of_naive);
/// level (y - q), or (1 - level) (q - y) above y (Koenker & Bassett 1978).
double pinball(double y, double q, double level);

/// How unusual a value is: 0 within its interval, bounds included; outside, the distance to the nearer bound
/// by half the interval's width. NaN where one of them is, and outside of an interval without a width.
double anomaly_score(double y, double low, double high);

/// Sums for quantile scores over any number of values.
class QuantileSums {
 public:
  explicit QuantileSums(std::vector<double> levels = {});

  /// The value and its quantiles, one for each level, as they are: not sorted.
  void add(double y, std::span<const double> quantiles);
  /// Each level's mean pinball loss, and its weighted quantile loss 2 Σ pinball / Σ |y|.
  std::vector<double> mean_pinball() const;
  std::vector<double> weighted() const;
  /// The mean over levels of the weighted quantile losses.
  double mean_weighted() const;
  /// The mean over levels of twice the pinball loss: the CRPS as these levels approximate it.
  double crps() const;
  std::int64_t count() const noexcept { return count_; }

 private:
  std::vector<double> levels_, losses_;
  double size_ = 0;
  std::int64_t count_ = 0;
};

/// Coverage and width of intervals, bounds included.
class IntervalSums {
 public:
  void add(double y, double low, double high);
  double coverage() const;  ///< a share
  double width() const;
  std::int64_t count() const noexcept { return count_; }

 private:
  std::int64_t count_ = 0, inside_ = 0;
  double width_ = 0;
};

/// The mean of the values that are not NaN, and how many these are.
struct DefinedMean {
  double value;
  std::int64_t count;
};
DefinedMean mean_of_defined(std::span<const double> values);

/// A quantile of sorted values, on the line between two of them.
double sorted_quantile(std::span<const double> sorted, double level);

}  // namespace rondo::forecast
