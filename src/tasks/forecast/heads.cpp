#include "tasks/forecast/heads.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/message.h"
#include "runtime/parallel.h"
#include "tasks/forecast/distributions.h"

namespace rondo::forecast {
namespace {

double sigmoid_of(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

/// Smallest spread of a distribution, in units of the training part's spread: none is ever exact.
constexpr double least_spread = 1e-4;

/// A loss of one step and its slopes. `raw` and `slopes` have one number for each parameter.
using Numbers = std::span<const double>;
using Slopes = std::span<double>;

double point_loss(PointLoss kind, double error, double scale, double& slope) {
  const double d = scale * error, sign = d > 0 ? 1 : d < 0 ? -1 : 0;
  switch (kind) {
    case PointLoss::mae:
      slope = scale * sign;
      return std::abs(d);
    case PointLoss::mse:
      slope = 2 * scale * d;
      return d * d;
    case PointLoss::huber:
      slope = scale * std::clamp(d, -1.0, 1.0);
      return std::abs(d) < 1 ? d * d / 2 : std::abs(d) - 0.5;
  }
  return 0;
}

/// The levels' values: the middle one, and from there outwards sums of positive steps, so that none cross.
void levels_of(Numbers raw, std::size_t middle, std::span<double> to) {
  to[middle] = raw[middle];
  for (std::size_t i = middle + 1; i < raw.size(); ++i)
    to[i] = to[i - 1] + softplus(raw[i]);
  for (std::size_t i = middle; i-- > 0;)
    to[i] = to[i + 1] - softplus(raw[i]);
}

double quantile_loss(Numbers raw, std::span<const double> levels, std::size_t middle, double y, double scale,
                     Slopes slopes) {
  std::array<double, 64> value{}, outer{};
  const std::size_t n = levels.size();
  levels_of(raw, middle, std::span(value).first(n));
  double loss = 0;
  const double share = 2 * scale / static_cast<double>(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double d = y - value[i];
    loss += share * (d >= 0 ? levels[i] * d : (levels[i] - 1) * d);
    outer[i] = share * (d > 0 ? -levels[i] : d < 0 ? 1 - levels[i] : 0);
  }
  double sum = 0, all = outer[middle];
  for (std::size_t i = n; i-- > middle + 1;) {
    sum += outer[i];
    all += outer[i];
    slopes[i] = sum * sigmoid_of(raw[i]);
  }
  sum = 0;
  for (std::size_t i = 0; i < middle; ++i) {
    sum += outer[i];
    all += outer[i];
    slopes[i] = -sum * sigmoid_of(raw[i]);
  }
  slopes[middle] = all;
  return loss;
}

double gaussian_loss(Numbers raw, double y, Slopes slopes) {
  const double sigma = least_spread + softplus(raw[1]), z = (y - raw[0]) / sigma;
  slopes[0] = -z / sigma;
  slopes[1] = (1 - z * z) / sigma * sigmoid_of(raw[1]);
  return std::log(sigma) + z * z / 2 + 0.918938533204672742;
}

double student_loss(Numbers raw, double y, Slopes slopes) {
  const double sigma = least_spread + softplus(raw[1]), nu = 2 + softplus(raw[2]), z = (y - raw[0]) / sigma;
  const double inner = 1 + z * z / nu;
  slopes[0] = -(nu + 1) * z / (nu * inner * sigma);
  slopes[1] = (1 - (nu + 1) * z * z / (nu * inner)) / sigma * sigmoid_of(raw[1]);
  const double by_nu = -digamma((nu + 1) / 2) / 2 + digamma(nu / 2) / 2 + 0.5 / nu + std::log(inner) / 2 -
                       (nu + 1) / 2 * z * z / (nu * nu * inner);
  slopes[2] = by_nu * sigmoid_of(raw[2]);
  return log_gamma(nu / 2) - log_gamma((nu + 1) / 2) + std::log(nu * 3.14159265358979323846) / 2 +
         std::log(sigma) + (nu + 1) / 2 * std::log(inner);
}

struct Counts {
  double mean, alpha;
};
Counts counts_of(double mean, double spread, double size) {
  return {size * softplus(mean) + 1e-6, softplus(spread) / std::sqrt(size) + 1e-6};
}

double negative_binomial_loss(Numbers raw, double y, double size, Slopes slopes) {
  const auto [mean, alpha] = counts_of(raw[0], raw[1], size);
  const double r = 1 / alpha;
  y = std::max(0.0, y);
  const double by_mean = -(y - mean) / (mean * (1 + alpha * mean));
  const double by_r = -(digamma(y + r) - digamma(r) + std::log(r / (r + mean)) + 1 - (r + y) / (r + mean));
  slopes[0] = by_mean * size * sigmoid_of(raw[0]);
  slopes[1] = -by_r * r * r * sigmoid_of(raw[1]) / std::sqrt(size);
  return -(log_gamma(y + r) - log_gamma(r) - log_gamma(y + 1) + r * std::log(r / (r + mean)) +
           y * std::log(mean / (r + mean)));
}

}  // namespace

double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

HeadKind::HeadKind(const NetworkOptions& options)
    : head_(options.head), point_loss_(options.point_loss), levels_(options.quantiles) {
  if (head_ == Head::quantiles) {
    const auto middle = std::find(levels_.begin(), levels_.end(), 0.5);
    if (middle == levels_.end() || levels_.size() > 64 ||
        std::adjacent_find(levels_.begin(), levels_.end(), std::greater_equal<>()) != levels_.end())
      fail(ErrorKind::option, "quantiles must ascend, with 0.5 among them, and be at most 64: 0.1,0.5,0.9");
    middle_ = static_cast<std::size_t>(middle - levels_.begin());
  }
  const std::array counts = {1, static_cast<int>(levels_.size()), 2, 3, 2};
  parameters_ = counts[static_cast<std::size_t>(head_)];
}

double HeadKind::widest() const {
  if (head_ == Head::point) return 0;
  if (head_ != Head::quantiles) return 100;
  return 100 * (1 - 2 * std::max(levels_.front(), 1 - levels_.back()));
}

namespace {

/// A step's loss by the kind of head.
struct StepLoss {
  const HeadKind& kind;
  PointLoss point;
  std::size_t middle;

  double operator()(Numbers raw, double y, double scale, double count, double size, Slopes slopes) const {
    switch (kind.head()) {
      case Head::point:
        return point_loss(point, raw[0] - y, scale, slopes[0]);
      case Head::quantiles:
        return quantile_loss(raw, kind.levels(), middle, y, scale, slopes);
      case Head::gaussian:
        return gaussian_loss(raw, y, slopes);
      case Head::student:
        return student_loss(raw, y, slopes);
      case Head::negative_binomial:
        return negative_binomial_loss(raw, count, size, slopes);
    }
    return 0;
  }
};

/// Where the numbers of a window's step stand.
struct Places {
  std::int64_t rows, segment;
  std::size_t parameters;
  std::size_t of(std::int64_t row, std::int64_t step) const {
    return static_cast<std::size_t>(((step / segment) * rows + row) * segment + step % segment) * parameters;
  }
};

/// The losses of the rows, each summed in order of its steps; the slopes of their sum go to `slopes`.
template <class T>
std::vector<double> row_losses(const Tensor& raw, const WindowBatch& batch, const Places& places,
                               const StepLoss& loss, std::vector<double>& counts, Tensor& slopes) {
  const std::int64_t rows = batch.rows(), horizon = batch.targets.columns();
  std::vector<double> sums(static_cast<std::size_t>(rows));
  counts.assign(static_cast<std::size_t>(rows), 0);
  parallel_for(rows, 8, [&](std::int64_t begin, std::int64_t end) {
    std::array<double, 64> numbers{}, slope{};
    for (std::int64_t r = begin; r < end; ++r)
      for (std::int64_t t = 0; t < horizon; ++t) {
        const auto at = static_cast<std::size_t>(r * horizon + t), row = static_cast<std::size_t>(r);
        const auto y = static_cast<double>(batch.targets.data<T>()[at]);
        if (std::isnan(y)) continue;
        const std::size_t place = places.of(r, t);
        for (std::size_t k = 0; k < places.parameters; ++k)
          numbers[k] = static_cast<double>(raw.data<T>()[place + k]);
        const bool count = !batch.counts.empty();
        sums[row] += loss(std::span(numbers).first(places.parameters), y,
                          static_cast<double>(batch.scale.data<T>()[row]),
                          count ? static_cast<double>(batch.counts.data<T>()[at]) : 0,
                          count ? static_cast<double>(batch.size.data<T>()[row]) : 1, slope);
        counts[row] += 1;
        for (std::size_t k = 0; k < places.parameters; ++k)
          slopes.data<T>()[place + k] = static_cast<T>(slope[k]);
      }
  });
  return sums;
}

template <class T>
Var mean_loss(const Var& raw, const WindowBatch& batch, const Places& places, const StepLoss& loss,
              double& count) {
  Tensor slopes = Tensor::zeros(raw.shape(), raw.dtype());
  std::vector<double> counts;
  const std::vector<double> sums = row_losses<T>(raw.value(), batch, places, loss, counts, slopes);
  double total = 0;
  count = 0;
  for (std::size_t r = 0; r < sums.size(); ++r) {
    total += sums[r];
    count += counts[r];
  }
  const double share = count > 0 ? 1 / count : 0;
  return custom_op("forecast loss", Tensor::full({}, total * share, raw.dtype()), {raw},
                   [slopes, share](const Tensor& dy) {
                     Tensor dx = slopes.clone();
                     const T factor = static_cast<T>(share * dy.at(0));
                     for (T& number : dx.data<T>())
                       number *= factor;
                     return std::vector<Tensor>{dx};
                   });
}

}  // namespace

Var HeadKind::loss(const Var& raw, const WindowBatch& batch, std::int64_t segment, double& count) const {
  const Places places{batch.rows(), segment, static_cast<std::size_t>(parameters_)};
  const StepLoss step{*this, point_loss_, middle_};
  return raw.dtype() == DType::f64 ? mean_loss<double>(raw, batch, places, step, count)
                                   : mean_loss<float>(raw, batch, places, step, count);
}

void HeadKind::quantiles(std::span<const float> raw, std::span<const double> levels, double size,
                         std::span<double> to) const {
  std::array<double, 64> numbers{}, own{};
  std::copy(raw.begin(), raw.end(), numbers.begin());
  const auto n = raw.size();
  if (head_ == Head::quantiles) levels_of(std::span(numbers).first(n), middle_, std::span(own).first(n));
  const double sigma = n > 1 ? least_spread + softplus(numbers[1]) : 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const double p = levels[i];
    if (head_ == Head::point) to[i] = numbers[0];
    if (head_ == Head::gaussian) to[i] = numbers[0] + sigma * normal_quantile(p);
    if (head_ == Head::student) to[i] = numbers[0] + sigma * student_quantile(p, 2 + softplus(numbers[2]));
    if (head_ == Head::negative_binomial) {
      const auto [mean, alpha] = counts_of(numbers[0], numbers[1], size);
      to[i] = negative_binomial_quantile(p, mean, alpha);
    }
    if (head_ != Head::quantiles) continue;
    // Between two levels that were learned, on the line between their values.
    const auto above = static_cast<std::size_t>(std::lower_bound(levels_.begin(), levels_.end(), p - 1e-9) -
                                                levels_.begin());
    const std::size_t high = std::min(above, n - 1), low = high == 0 ? 0 : high - 1;
    const double span = levels_[high] - levels_[low];
    const double share = span <= 0 ? 1 : std::clamp((p - levels_[low]) / span, 0.0, 1.0);
    to[i] = own[low] + share * (own[high] - own[low]);
  }
}

double HeadKind::draw(std::span<const float> raw, double size, double u, double v) const {
  std::array<double, 3> numbers{};
  std::copy(raw.begin(), raw.end(), numbers.begin());
  if (head_ == Head::negative_binomial) {
    const auto [mean, alpha] = counts_of(numbers[0], numbers[1], size);
    return negative_binomial_quantile(u, mean, alpha);
  }
  const double sigma = least_spread + softplus(numbers[1]);
  return numbers[0] +
         sigma * (head_ == Head::student ? student_from(u, v, 2 + softplus(numbers[2])) : normal_quantile(u));
}

}  // namespace rondo::forecast
