#include "wide/logistic_regression.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"

namespace rondo::wide {
namespace {

/// The two dual variables of a text, which add up to its cost. Both are kept: near the ends of the range one
/// is far smaller than the rounding of the other.
struct Dual {
  double active = 0;  ///< how far the text pulls at the weights
  double rest = 0;
};

/// Minimises along one coordinate
///
///     z log z + (cost - z) log(cost - z) + a/2 (z - from)² + b (z - from)
///
/// by Newton's method, which converges from a start between the minimum and the nearer end of the range.
struct Coordinate {
  double a, b;

  Dual minimum(const Dual& from) const {
    const double cost = from.active + from.rest;
    // From the side on which the minimum lies: there the steps cannot leave the range.
    if (a * (from.rest - from.active) / 2 >= -b) {
      const double z = descend(from.active, b, cost);
      return {z, cost - z};
    }
    const double z = descend(from.rest, -b, cost);
    return {cost - z, z};
  }

 private:
  double descend(double from, double slope, double cost) const {
    constexpr int most_steps = 100;
    constexpr double shrink = 0.1;
    double z = from > cost / 2 ? shrink * from : from;
    for (int step = 0; step < most_steps; ++step) {
      const double gradient = a * (z - from) + slope + std::log(z / (cost - z));
      if (std::abs(gradient) < 1e-8) break;
      const double next = z - gradient / (a + cost / (z * (cost - z)));
      z = next <= 0 ? shrink * z : next;
    }
    return z;
  }
};

class Descent {
 public:
  explicit Descent(const BinaryProblem& problem)
      : problem_(problem),
        features_(problem.values.size()),
        duals_(problem.texts.size()),
        squares_(problem.texts.size()) {
    for (std::size_t f = 0; f < features_.size(); ++f)
      features_[f].square = problem.values[f] * problem.values[f];
    for (std::size_t i = 0; i < duals_.size(); ++i) {
      squares_[i] = 1;  // of the bias
      for (const std::int32_t f : problem.texts[i])
        squares_[i] += static_cast<double>(features_[static_cast<std::size_t>(f)].square);
      const auto cost = static_cast<double>(problem.costs[i]);
      if (cost == 0) continue;  // it does not count
      duals_[i].active = std::min(0.001 * cost, 1e-8);
      duals_[i].rest = cost - duals_[i].active;
      pull(i, duals_[i].active);
    }
  }

  /// Visits every text once; the largest gradient.
  double pass(const std::vector<std::uint32_t>& order) {
    double largest = 0;
    for (const std::uint32_t i : order)
      largest = std::max(largest, visit(i));
    return largest;
  }

  BinarySolution solution(int passes) const {
    BinarySolution solution{.weights = {}, .bias = static_cast<float>(bias_), .passes = passes};
    solution.weights.reserve(features_.size());
    for (const Feature& feature : features_)
      solution.weights.push_back(feature.weight);
    return solution;
  }

 private:
  struct Feature {
    float weight = 0;  ///< w times the value: what the n-gram adds to w·x
    float square = 0;  ///< of the value
  };

  double visit(std::size_t i) {
    if (problem_.costs[i] == 0) return 0;
    double sum = bias_;
    for (const std::int32_t f : problem_.texts[i])
      sum += static_cast<double>(features_[static_cast<std::size_t>(f)].weight);
    const Coordinate coordinate{.a = squares_[i], .b = problem_.y[i] > 0 ? sum : -sum};
    const Dual before = duals_[i];
    duals_[i] = coordinate.minimum(before);
    pull(i, duals_[i].active - before.active);
    return std::abs(coordinate.b + std::log(before.active / before.rest));
  }

  void pull(std::size_t i, double amount) {
    const double step = problem_.y[i] > 0 ? amount : -amount;
    const auto short_step = static_cast<float>(step);
    bias_ += step;
    for (const std::int32_t f : problem_.texts[i]) {
      Feature& feature = features_[static_cast<std::size_t>(f)];
      feature.weight += short_step * feature.square;
    }
  }

  const BinaryProblem& problem_;
  std::vector<Feature> features_;
  std::vector<Dual> duals_;
  std::vector<double> squares_;  ///< |x|² of each text
  double bias_ = 0;
};

}  // namespace

BinarySolution solve(const BinaryProblem& problem, const std::function<bool()>& stop, double tolerance,
                     int most_passes) {
  constexpr std::uint64_t seed = 1;
  Descent descent(problem);
  int passes = 0;
  while (passes < most_passes) {
    const auto texts = static_cast<std::uint32_t>(problem.texts.size());
    const double largest = descent.pass(permutation(texts, seed, static_cast<std::uint64_t>(passes)));
    ++passes;
    if (largest < tolerance || (stop && stop())) break;
  }
  return descent.solution(passes);
}

}  // namespace rondo::wide
