#include "tasks/forecast/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace rondo::forecast {
namespace {

template <class Term>
double mean_of(std::span<const double> y, std::span<const double> f, const Term& term) {
  double sum = 0;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (std::isnan(y[i]) || std::isnan(f[i])) continue;
    sum += term(y[i], f[i]);
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : undefined;
}

}  // namespace

double mean_squared_error(std::span<const double> y, std::span<const double> f) {
  return mean_of(y, f, [](double a, double b) { return (a - b) * (a - b); });
}

double mean_absolute_error(std::span<const double> y, std::span<const double> f) {
  return mean_of(y, f, [](double a, double b) { return std::abs(a - b); });
}

double smape_term(double y, double f) {
  const double size = std::abs(y) + std::abs(f);
  return size == 0 ? 0 : 200 * std::abs(y - f) / size;
}

double smape(std::span<const double> y, std::span<const double> f) {
  return mean_of(y, f, smape_term);
}

double mase(double error, double season_error) {
  return season_error > 0 ? error / season_error : undefined;
}

double owa(double smape, double mase, double smape_of_naive, double mase_of_naive) {
  if (!(smape_of_naive > 0) || !(mase_of_naive > 0)) return undefined;
  return (smape / smape_of_naive + mase / mase_of_naive) / 2;
}

double pinball(double y, double q, double level) {
  return y >= q ? level * (y - q) : (1 - level) * (q - y);
}

double anomaly_score(double y, double low, double high) {
  if (std::isnan(y) || std::isnan(low) || std::isnan(high)) return undefined;
  if (low <= y && y <= high) return 0;
  const double half = (high - low) / 2;
  return half > 0 ? std::max(low - y, y - high) / half : undefined;
}

QuantileSums::QuantileSums(std::vector<double> levels)
    : levels_(std::move(levels)), losses_(levels_.size()) {}

void QuantileSums::add(double y, std::span<const double> quantiles) {
  if (std::isnan(y)) return;
  for (const double q : quantiles)
    if (std::isnan(q)) return;
  for (std::size_t i = 0; i < levels_.size(); ++i)
    losses_[i] += pinball(y, quantiles[i], levels_[i]);
  size_ += std::abs(y);
  ++count_;
}

std::vector<double> QuantileSums::mean_pinball() const {
  std::vector<double> all;
  for (const double loss : losses_)
    all.push_back(count_ > 0 ? loss / static_cast<double>(count_) : undefined);
  return all;
}

std::vector<double> QuantileSums::weighted() const {
  std::vector<double> all;
  for (const double loss : losses_)
    all.push_back(size_ > 0 ? 2 * loss / size_ : undefined);
  return all;
}

double QuantileSums::mean_weighted() const {
  const std::vector<double> all = weighted();
  return mean_of_defined(all).value;
}

double QuantileSums::crps() const {
  return 2 * mean_of_defined(mean_pinball()).value;
}

void IntervalSums::add(double y, double low, double high) {
  if (std::isnan(y) || std::isnan(low) || std::isnan(high)) return;
  ++count_;
  inside_ += low <= y && y <= high ? 1 : 0;
  width_ += high - low;
}

double IntervalSums::coverage() const {
  return count_ > 0 ? static_cast<double>(inside_) / static_cast<double>(count_) : undefined;
}

double IntervalSums::width() const {
  return count_ > 0 ? width_ / static_cast<double>(count_) : undefined;
}

DefinedMean mean_of_defined(std::span<const double> values) {
  double sum = 0;
  std::int64_t count = 0;
  for (const double value : values)
    if (!std::isnan(value)) {
      sum += value;
      ++count;
    }
  return {count > 0 ? sum / static_cast<double>(count) : undefined, count};
}

double sorted_quantile(std::span<const double> sorted, double level) {
  if (sorted.empty()) return undefined;
  const double place = level * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (place - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

}  // namespace rondo::forecast
