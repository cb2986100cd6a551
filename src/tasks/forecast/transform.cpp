#include "tasks/forecast/transform.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace rondo::forecast {
namespace {

double boxed(double value, double lambda) {
  return std::abs(lambda) < 1e-9 ? std::log(value) : (std::pow(value, lambda) - 1) / lambda;
}

}  // namespace

double transformed(double value, Transform transform, double lambda) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  switch (transform) {
    case Transform::none:
      return value;
    case Transform::log:
      return value > 0 ? std::log(value) : none;
    case Transform::log1p:
      return value > -1 ? std::log1p(value) : none;
    case Transform::box_cox:
      return value > 0 ? boxed(value, lambda) : none;
  }
  return none;
}

double untransformed(double value, Transform transform, double lambda) {
  // What a network says is finite, but its exponential need not be.
  const double largest = 700;
  switch (transform) {
    case Transform::none:
      return value;
    case Transform::log:
      return std::exp(std::min(value, largest));
    case Transform::log1p:
      return std::expm1(std::min(value, largest));
    case Transform::box_cox:
      break;
  }
  if (std::abs(lambda) < 1e-9) return std::exp(std::min(value, largest));
  return std::pow(std::max(lambda * value + 1, 1e-12), 1 / lambda);
}

double box_cox_lambda(std::span<const double> values) {
  double logs = 0, best = -std::numeric_limits<double>::infinity(), chosen = 1;
  std::vector<double> positive;
  for (const double value : values)
    if (value > 0) {
      positive.push_back(value);
      logs += std::log(value);
    }
  for (int tenth = -10; tenth <= 20; ++tenth) {
    const double lambda = tenth / 10.0;
    std::vector<double> all;
    for (const double value : positive)
      all.push_back(boxed(value, lambda));
    const Scale scale = scale_of(all);
    if (scale.spread <= 0) return 1;
    const double likelihood =
        -static_cast<double>(scale.count) * std::log(scale.spread) + (lambda - 1) * logs;
    if (likelihood <= best) continue;
    best = likelihood;
    chosen = lambda;
  }
  return chosen;
}

Scale scale_of(std::span<const double> values) {
  Scale scale;
  double sum = 0, squares = 0;
  for (const double value : values)
    if (!std::isnan(value)) {
      sum += value;
      ++scale.count;
    }
  if (scale.count == 0) return scale;
  scale.level = sum / static_cast<double>(scale.count);
  for (const double value : values)
    if (!std::isnan(value)) squares += (value - scale.level) * (value - scale.level);
  const double spread = std::sqrt(squares / static_cast<double>(scale.count));
  scale.spread = spread > 1e-12 * std::max(1.0, std::abs(scale.level)) ? spread : 0;
  return scale;
}

}  // namespace rondo::forecast
