#include "model/gradient_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/message.h"
#include "base/random.h"
#include "nn/values_of.h"

namespace rondo {
namespace {

/// Draws half of the elements from the whole parameter and half from those with a nonzero gradient, which may
/// be few in an embedding.
std::vector<std::int64_t> places_to_check(const Tensor& gradient, const GradientCheckOptions& options,
                                          std::uint64_t stream) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(gradient.size()));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  const auto wanted = static_cast<std::size_t>(options.elements);
  if (options.elements == 0 || all.size() <= wanted) return all;
  std::vector<std::int64_t> reached;
  for (const std::int64_t i : all)
    if (gradient.at(i) != 0) reached.push_back(i);
  Random random(options.seed, stream);
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < wanted; ++i) {
    const std::vector<std::int64_t>& from = i % 2 == 0 || reached.empty() ? all : reached;
    places.push_back(from[random.below(from.size())]);
  }
  return places;
}

/// Finite differences of the loss in one number of a parameter.
struct Differences {
  double above = 0, below = 0;  ///< one-sided
  double noise = 0;             ///< error of either by rounding of the loss
  double central() const { return (above + below) / 2; }
};

/// Compares the numbers of one parameter one at a time.
class Comparison {
 public:
  /// `here` is the loss with unchanged numbers.
  Comparison(const Parameter& parameter, const std::function<double()>& loss, double here,
             const GradientCheckOptions& options)
      : loss_(loss),
        here_(here),
        options_(options),
        value_(parameter.leaf->value),
        gradient_(parameter.leaf->gradient) {
    result_.parameter = parameter.name;
    for (std::int64_t i = 0; i < gradient_.size(); ++i)
      result_.largest_gradient = std::max(result_.largest_gradient, std::abs(gradient_.at(i)));
  }

  void compare(std::int64_t place) {
    const double analytic = gradient_.at(place);
    const Differences differences = around(place, options_.step);
    const double error = error_of(analytic, differences.central(), differences.noise);
    ++result_.elements;
    if (!(error <= options_.tolerance) && is_kink(place, analytic, differences)) {
      ++result_.kinks;
      return;
    }
    result_.wrong += error <= options_.tolerance ? 0 : 1;
    result_.largest_error = std::max(result_.largest_error, error);
  }

  const GradientCheck& result() const { return result_; }

 private:
  Differences around(std::int64_t place, double step) {
    double& number = value_.data<double>()[static_cast<std::size_t>(place)];
    const double kept = number;
    number = kept + step;
    const double up = loss_();
    number = kept - step;
    const double down = loss_();
    number = kept;
    constexpr double roundings = 16;  // of a loss, as a chain of sums
    return {.above = (up - here_) / step,
            .below = (here_ - down) / step,
            .noise = roundings * std::numeric_limits<double>::epsilon() * std::abs(here_) / step};
  }

  /// The error of an analytic gradient, less the noise of the numeric one.
  double error_of(double analytic, double numeric, double noise) const {
    constexpr double share_of_scale = 1e-2;
    const double size =
        std::max({std::abs(analytic), std::abs(numeric), share_of_scale * result_.largest_gradient, 1e-12});
    return std::max(0.0, std::abs(analytic - numeric) - noise) / size;
  }

  bool is_kink(std::int64_t place, double analytic, const Differences& first) {
    const auto explains = [&](const Differences& d) {
      return !near(d.above, d.below, d) && (near(analytic, d.above, d) || near(analytic, d.below, d));
    };
    if (near(first.above, first.below, first)) return false;  // smooth as far as the step reaches
    if (explains(first)) return true;
    // There may be several kinks within the step. A smaller step reaches fewer of them, or none.
    for (const double shrink : {0.1, 0.01}) {
      const Differences d = around(place, options_.step * shrink);
      if (d.noise > 0.1 * std::abs(analytic - first.central())) break;  // too noisy to tell anything
      if (explains(d) || error_of(analytic, d.central(), d.noise) <= options_.tolerance) return true;
    }
    return false;
  }

  bool near(double a, double b, const Differences& d) const {
    return error_of(a, b, 2 * d.noise) <= options_.tolerance;
  }

  const std::function<double()>& loss_;
  const double here_;
  const GradientCheckOptions& options_;
  Tensor value_;
  const Tensor& gradient_;
  GradientCheck result_;
};

std::vector<GradientCheck> compare_all(const ParameterStore& store, const std::function<double()>& loss,
                                       const GradientCheckOptions& options) {
  std::vector<std::vector<std::int64_t>> places;
  std::int64_t all = 0, done = 0;
  for (const Parameter& p : store.parameters()) {
    places.push_back(places_to_check(p.leaf->gradient, options, hash_of(p.name)));
    all += static_cast<std::int64_t>(places.back().size());
  }
  const double here = loss();
  std::vector<GradientCheck> checks;
  for (const Parameter& p : store.parameters()) {
    Comparison comparison(p, loss, here, options);
    for (const std::int64_t place : places[checks.size()]) {
      comparison.compare(place);
      if (options.progress) options.progress(++done, all);
    }
    checks.push_back(comparison.result());
  }
  return checks;
}

}  // namespace

void check(const GradientCheckOptions& options) {
  if (options.elements < 0 || !(options.step > 0) || !(options.tolerance > 0))
    fail(ErrorKind::option,
         "check_gradients() takes elements of 0 or more, and a step and a tolerance above 0");
}

std::shared_ptr<ParameterStore> twin_store(const ParameterStore& weights) {
  return std::make_shared<ParameterStore>(values_of(weights), DType::f64);
}

std::vector<GradientCheck> compare_gradients(const ParameterStore& store, const std::function<Var()>& loss,
                                             const GradientCheckOptions& options) {
  for (const Parameter& p : store.parameters())
    p.leaf->trainable = true;
  {
    const Recording step({.dropout = false});
    loss().backward();
  }
  const Paused constant;
  return compare_all(
      store, [&] { return loss().value().at(0); }, options);
}

}  // namespace rondo
