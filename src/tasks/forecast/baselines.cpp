#include "tasks/forecast/baselines.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/message.h"
#include "base/shown.h"

namespace rondo::forecast {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// Without gaps: each is the value before it, those at the start the first value.
std::vector<double> filled(PastValues past) {
  std::vector<double> all(past.begin(), past.end());
  const auto first = std::find_if(all.begin(), all.end(), [](double y) { return !std::isnan(y); });
  if (first == all.end()) return {};
  double before = *first;
  for (double& y : all) {
    if (std::isnan(y)) y = before;
    before = y;
  }
  return all;
}

/// Seasonal factors (or summands) by a centred moving average over a season, whose sum moves along: a long
/// season costs no more than a short one.
std::vector<double> seasonal_indices(const std::vector<double>& y, int period, bool multiplies) {
  const auto m = static_cast<std::size_t>(period), n = y.size(), half = m / 2;
  std::vector<double> sums(m), counts(m);
  double inside = 0;  // of y[t - half] to y[t + half]
  for (std::size_t s = 0; s < std::min(n, 2 * half); ++s)
    inside += y[s];
  for (std::size_t t = half; t + half < n; ++t) {
    inside += y[t + half];
    const double ends = m % 2 == 0 ? (y[t - half] + y[t + half]) / 2 : 0;
    const double average = (inside - ends) / static_cast<double>(m);
    sums[t % m] += multiplies ? y[t] / average : y[t] - average;
    ++counts[t % m];
    inside -= y[t - half];
  }
  double mean = 0;
  for (std::size_t s = 0; s < m; ++s) {
    sums[s] = counts[s] > 0 ? sums[s] / counts[s] : (multiplies ? 1 : 0);
    mean += sums[s] / static_cast<double>(m);
  }
  for (double& index : sums)
    index = multiplies ? index / mean : index - mean;
  return sums;
}

struct Smoothed {
  double level = 0, alpha = 0.5, squares = std::numeric_limits<double>::infinity();
};

/// Simple exponential smoothing with the alpha of the least squared errors.
Smoothed smooth(const std::vector<double>& y) {
  Smoothed best;
  for (int step = 1; step <= 20; ++step) {
    const double alpha = step / 20.0 - 0.001;
    double level = y.front(), squares = 0;
    for (std::size_t t = 1; t < y.size(); ++t) {
      const double error = y[t] - level;
      squares += error * error;
      level += alpha * error;
    }
    if (squares < best.squares) best = {level, alpha, squares};
  }
  return best;
}

/// Solves (a + ridge) x = b for symmetric a [n, n] and b [n, columns] by Cholesky's method; x replaces b.
bool solve(std::vector<double>& a, std::vector<double>& b, std::size_t n, std::size_t columns) {
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < j; ++k) {
      const double factor = a[j * n + k];
      for (std::size_t i = j; i < n; ++i)
        a[i * n + j] -= a[i * n + k] * factor;
    }
    if (!(a[j * n + j] > 0)) return false;
    const double root = std::sqrt(a[j * n + j]);
    for (std::size_t i = j; i < n; ++i)
      a[i * n + j] /= root;
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k)
      for (std::size_t c = 0; c < columns; ++c)
        b[i * columns + c] -= a[i * n + k] * b[k * columns + c];
    for (std::size_t c = 0; c < columns; ++c)
      b[i * columns + c] /= a[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k)
      for (std::size_t c = 0; c < columns; ++c)
        b[i * columns + c] -= a[k * n + i] * b[k * columns + c];
    for (std::size_t c = 0; c < columns; ++c)
      b[i * columns + c] /= a[i * n + i];
  }
  return true;
}

}  // namespace

std::vector<double> naive(PastValues past, int horizon) {
  double last = none;
  for (std::size_t t = past.size(); t-- > 0 && std::isnan(last);)
    last = past[t];
  return std::vector<double>(static_cast<std::size_t>(horizon), last);
}

std::vector<double> seasonal_naive(PastValues past, int horizon, int period) {
  std::vector<double> all;
  for (int h = 0; h < horizon; ++h) {
    auto t = static_cast<std::int64_t>(past.size()) + h - period;
    double value = none;
    for (; t >= 0 && std::isnan(value); t -= period)
      if (t < static_cast<std::int64_t>(past.size())) value = past[static_cast<std::size_t>(t)];
    all.push_back(value);
  }
  return all;
}

void SeasonalFallbacks::add(const std::string& id, PastValues past, int horizon) {
  std::int64_t none = 0, earlier = 0;
  const auto size = static_cast<std::int64_t>(past.size());
  for (int h = 0; h < horizon; ++h) {
    std::int64_t t = size + h - period_;
    while (t >= size)
      t -= period_;
    const std::int64_t wanted = t;
    while (t >= 0 && std::isnan(past[static_cast<std::size_t>(t)]))
      t -= period_;
    none += t < 0 ? 1 : 0;
    earlier += t >= 0 && t < wanted ? 1 : 0;
  }
  const auto count = [&](std::vector<Steps>& to, std::int64_t steps) {
    if (steps == 0) return;
    if (to.empty() || to.back().id != id) to.push_back({id, 0, 0});
    to.back().count += steps;
    to.back().of += horizon;
  };
  count(without_, none);
  count(with_, earlier);
  none_ += none;
  earlier_ += earlier;
}

std::string SeasonalFallbacks::named(const std::vector<Steps>& steps) const {
  constexpr std::size_t most = 8;
  std::vector<std::string> all;
  for (std::size_t i = 0; i < std::min(most, steps.size()); ++i)
    all.push_back(steps[i].id + " (" + grouped(steps[i].count) + " of " + grouped(steps[i].of) + " steps)");
  if (steps.size() > most) all.push_back(std::to_string(steps.size() - most) + " more");
  return enumerate(all, "and");
}

std::vector<std::string> SeasonalFallbacks::lines() const {
  const std::string season =
      "a season (" + std::to_string(period_) + (period_ == 1 ? " step" : " steps") + ")";
  std::vector<std::string> all;
  if (none_ > 0)
    all.push_back("seasonal-naive: no value lies " + season +
                  " or more before, so there is no forecast: " + named(without_));
  if (earlier_ > 0)
    all.push_back("seasonal-naive: the value " + season +
                  " before is missing, one of an earlier season stands for it: " + named(with_));
  return all;
}

std::vector<double> naive2(PastValues past, int horizon, int period) {
  const std::vector<double> y = filled(past);
  const auto m = static_cast<std::size_t>(period);
  if (period < 2 || y.size() < 3 * m || *std::min_element(y.begin(), y.end()) <= 0 || !is_seasonal(y, period))
    return naive(past, horizon);
  const std::vector<double> indices = seasonal_indices(y, period, true);
  std::vector<double> all;
  const double last = y.back() / indices[(y.size() - 1) % m];
  for (std::size_t h = 0; h < static_cast<std::size_t>(horizon); ++h)
    all.push_back(last * indices[(y.size() + h) % m]);
  return all;
}

std::vector<double> drift(PastValues past, int horizon) {
  const auto is_there = [&](std::size_t t) { return !std::isnan(past[t]); };
  std::size_t first = 0, last = past.size();
  while (first < past.size() && !is_there(first))
    ++first;
  while (last > first && !is_there(last - 1))
    --last;
  std::vector<double> all(static_cast<std::size_t>(horizon), none);
  if (last <= first) return all;
  const double slope =
      last - first > 1 ? (past[last - 1] - past[first]) / static_cast<double>(last - 1 - first) : 0;
  for (std::size_t h = 0; h < all.size(); ++h)
    all[h] = past[last - 1] + slope * static_cast<double>(past.size() - last + h + 1);
  return all;
}

std::vector<double> theta(PastValues past, int horizon, int period) {
  const std::size_t most = std::max<std::size_t>(512, 4 * static_cast<std::size_t>(period));
  std::vector<double> y = filled(past.last(std::min(past.size(), most)));
  std::vector<double> all(static_cast<std::size_t>(horizon), none);
  if (y.empty()) return all;
  const std::size_t n = y.size(), m = static_cast<std::size_t>(period);
  const bool seasonal = period > 1 && n >= 2 * m + 1;
  const bool multiplies = seasonal && *std::min_element(y.begin(), y.end()) > 0;
  const std::vector<double> indices =
      seasonal ? seasonal_indices(y, period, multiplies) : std::vector<double>();
  const auto with = [&](std::size_t t, double value, bool back) {
    if (!seasonal) return value;
    const double index = indices[t % m];
    return multiplies ? (back ? value * index : value / index) : (back ? value + index : value - index);
  };
  for (std::size_t t = 0; t < n; ++t)
    y[t] = with(t, y[t], false);
  double mean = 0, slope = 0;
  for (const double value : y)
    mean += value / static_cast<double>(n);
  const double centre = static_cast<double>(n - 1) / 2;
  for (std::size_t t = 0; t < n; ++t)
    slope += (static_cast<double>(t) - centre) * (y[t] - mean);
  const auto count = static_cast<double>(n);
  slope = n > 1 ? slope * 12 / (count * (count * count - 1)) : 0;
  const Smoothed smoothed = smooth(y);
  const double a = smoothed.alpha;
  for (std::size_t h = 0; h < all.size(); ++h) {
    const double ahead = static_cast<double>(h) + (1 - std::pow(1 - a, count)) / a;
    all[h] = with(n + h, smoothed.level + slope / 2 * ahead, true);
  }
  return all;
}

LinearBaseline::LinearBaseline(Kind kind, const ForecastInput& input,
                               const std::vector<PreparedSeries>& series, std::span<const Window> windows)
    : kind_(kind), lookback_(input.lookback), horizon_(input.horizon) {
  constexpr std::size_t most = 6000;
  const std::size_t n = (kind == Kind::dlinear ? 2 : 1) * static_cast<std::size_t>(lookback_) + 1,
                    columns = static_cast<std::size_t>(horizon_), stride = windows.size() / most + 1;
  if (windows.empty() || n > 4096) return;
  std::vector<double> gram(n * n), cross(n * columns);
  std::size_t used = 0;
  for (std::size_t w = 0; w < windows.size(); w += stride) {
    const PreparedSeries& from = series[static_cast<std::size_t>(windows[w].series)];
    const std::int64_t origin = windows[w].origin;
    if (origin + horizon_ > from.part.end) continue;
    double last = 0;
    const std::vector<double> x = features(from, origin, last);
    const float* const y = from.z.data() + origin;
    if (std::any_of(y, y + horizon_, [](float z) { return std::isnan(z); })) continue;
    ++used;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j <= i; ++j)
        gram[i * n + j] += x[i] * x[j];
      for (std::size_t c = 0; c < columns; ++c)
        cross[i * columns + c] += x[i] * (static_cast<double>(y[c]) - last);
    }
  }
  const double ridge = 1e-3 * static_cast<double>(used) + 1e-9;
  for (std::size_t i = 0; i < n; ++i) {
    gram[i * n + i] += ridge;
    for (std::size_t j = 0; j < i; ++j)
      gram[j * n + i] = gram[i * n + j];
  }
  if (used > 0 && solve(gram, cross, n, columns)) weights_ = std::move(cross);
}

std::vector<double> LinearBaseline::features(const PreparedSeries& series, std::int64_t origin,
                                             double& last) const {
  const auto l = static_cast<std::size_t>(lookback_);
  std::vector<double> x(l, none);
  for (std::size_t i = 0; i < l; ++i) {
    const std::int64_t t = origin - lookback_ + static_cast<std::int64_t>(i);
    if (t >= 0 && t < static_cast<std::int64_t>(series.z.size()))
      x[i] = static_cast<double>(series.z[static_cast<std::size_t>(t)]);
  }
  x = filled(x);
  if (x.empty()) x.assign(l, 0);
  last = kind_ == Kind::nlinear ? x.back() : 0;
  if (kind_ == Kind::nlinear) {
    for (double& value : x)
      value -= last;
  } else {
    constexpr std::int64_t half = 12;
    const std::vector<double> own = x;
    const auto at = [&](std::int64_t t) {
      return own[static_cast<std::size_t>(std::clamp<std::int64_t>(t, 0, lookback_ - 1))];
    };
    for (std::int64_t t = 0; t < lookback_; ++t) {
      double average = 0;
      for (std::int64_t s = t - half; s <= t + half; ++s)
        average += at(s) / (2 * half + 1);
      x[static_cast<std::size_t>(t)] -= average;
      x.push_back(average);
    }
  }
  x.push_back(1);
  return x;
}

std::vector<double> LinearBaseline::forecast(const PreparedSeries& series, std::int64_t origin) const {
  double last = 0;
  const std::vector<double> x = features(series, origin, last);
  const auto columns = static_cast<std::size_t>(horizon_);
  std::vector<double> all(columns, last);
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t c = 0; c < columns; ++c)
      all[c] += x[i] * weights_[i * columns + c];
  return all;
}

}  // namespace rondo::forecast
