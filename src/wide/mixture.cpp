#include "wide/mixture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace rondo::wide {
namespace {

/// log(1 / (1 + exp(-score))). What p_wide is divided by is the same for all classes and drops out.
double log_sigmoid(double score) {
  return std::min(score, 0.0) - std::log1p(std::exp(-std::abs(score)));
}

double log_probability(float probability) {
  return std::log(static_cast<double>(std::max(probability, std::numeric_limits<float>::min())));
}

/// The summed loss, its gradient and its second derivatives.
struct Sums {
  double loss = 0;
  std::array<double, 2> gradient = {};
  double h00 = 0, h01 = 0, h11 = 0;
};

using Weights2 = std::array<double, 2>;

/// The log-probabilities of both halves, [texts, classes, 2], and what is known of the texts.
class Problem {
 public:
  Problem(const MixtureLesson& lesson, const MixtureWeights& before)
      : lesson_(lesson),
        classes_(lesson.scores.empty() ? 0 : lesson.scores.front().size()),
        before_{static_cast<double>(before.network), static_cast<double>(before.wide)} {
    logs_.reserve(2 * classes_ * lesson.scores.size());
    for (std::size_t i = 0; i < lesson.scores.size(); ++i)
      for (std::size_t c = 0; c < classes_; ++c) {
        logs_.push_back(lesson.network.empty() ? 0.0F
                                               : static_cast<float>(log_probability(lesson.network[i][c])));
        logs_.push_back(static_cast<float>(log_sigmoid(static_cast<double>(lesson.scores[i][c]))));
      }
  }

  Sums at(const Weights2& weights) const {
    Sums sums;
    std::vector<double> shares(classes_);
    for (std::size_t i = 0; i < lesson_.labels.size(); ++i)
      add_text(i, weights, shares, sums);
    const double off0 = weights[0] - before_[0], off1 = weights[1] - before_[1];
    sums.loss += (off0 * off0 + off1 * off1) / 2;
    sums.gradient[0] += off0;
    sums.gradient[1] += off1;
    sums.h00 += 1;
    sums.h11 += 1;
    return sums;
  }

 private:
  void add_text(std::size_t text, const Weights2& weights, std::vector<double>& shares, Sums& sums) const {
    const float* const logs = logs_.data() + 2 * classes_ * text;
    const auto log_of = [&](std::size_t c, std::size_t half) {
      return static_cast<double>(logs[2 * c + half]);
    };
    for (std::size_t c = 0; c < classes_; ++c)
      shares[c] = weights[0] * log_of(c, 0) + weights[1] * log_of(c, 1);
    const auto label = static_cast<std::size_t>(lesson_.labels[text]);
    const double largest = *std::max_element(shares.begin(), shares.end()), said = shares[label];
    double sum = 0;
    for (double& share : shares)
      sum += share = std::exp(share - largest);
    double mean0 = 0, mean1 = 0, m00 = 0, m01 = 0, m11 = 0;
    for (std::size_t c = 0; c < classes_; ++c) {
      const double share = shares[c] / sum, x = log_of(c, 0), y = log_of(c, 1);
      mean0 += share * x;
      mean1 += share * y;
      m00 += share * x * x;
      m01 += share * x * y;
      m11 += share * y * y;
    }
    const double cost = lesson_.costs.empty() ? 1.0 : static_cast<double>(lesson_.costs[text]);
    sums.loss += cost * (largest + std::log(sum) - said);
    sums.gradient[0] += cost * (mean0 - log_of(label, 0));
    sums.gradient[1] += cost * (mean1 - log_of(label, 1));
    sums.h00 += cost * (m00 - mean0 * mean0);
    sums.h01 += cost * (m01 - mean0 * mean1);
    sums.h11 += cost * (m11 - mean1 * mean1);
  }

  const MixtureLesson& lesson_;
  std::size_t classes_;
  Weights2 before_;
  std::vector<float> logs_;
};

/// Newton's step for the weights that are free, which lowers the loss if it is short enough.
Weights2 newton_step(const Sums& s, const std::array<bool, 2>& free) {
  if (free[0] && free[1]) {
    const double determinant = s.h00 * s.h11 - s.h01 * s.h01;
    return {-(s.h11 * s.gradient[0] - s.h01 * s.gradient[1]) / determinant,
            -(s.h00 * s.gradient[1] - s.h01 * s.gradient[0]) / determinant};
  }
  return {free[0] ? -s.gradient[0] / s.h00 : 0.0, free[1] ? -s.gradient[1] / s.h11 : 0.0};
}

Weights2 least(const Problem& problem, Weights2 weights, const std::array<bool, 2>& free) {
  constexpr int most_steps = 50, most_halvings = 30;
  constexpr double enough = 1e-9;
  Sums sums = problem.at(weights);
  for (int step = 0; step < most_steps; ++step) {
    const Weights2 way = newton_step(sums, free);
    bool better = false;
    double length = 1;
    for (int halving = 0; halving < most_halvings && !better; ++halving, length /= 2) {
      const Weights2 there = {weights[0] + length * way[0], weights[1] + length * way[1]};
      const Sums then = problem.at(there);
      better = then.loss < sums.loss;
      if (!better) continue;
      weights = there;
      sums = then;
    }
    if (!better || std::abs(way[0]) + std::abs(way[1]) < enough) break;
  }
  return weights;
}

}  // namespace

void mix(std::span<const float> network, std::span<const float> scores, const MixtureWeights& weights,
         std::span<float> probabilities) {
  const auto log_share = [&](std::size_t c) {
    double sum = static_cast<double>(weights.wide) * log_sigmoid(static_cast<double>(scores[c]));
    if (!network.empty()) sum += static_cast<double>(weights.network) * log_probability(network[c]);
    return sum;
  };
  double largest = log_share(0), sum = 0;
  for (std::size_t c = 1; c < scores.size(); ++c)
    largest = std::max(largest, log_share(c));
  for (std::size_t c = 0; c < scores.size(); ++c)
    sum += std::exp(log_share(c) - largest);
  for (std::size_t c = 0; c < scores.size(); ++c)
    probabilities[c] = static_cast<float>(std::exp(log_share(c) - largest) / sum);
}

MixtureWeights fitted_weights(const MixtureLesson& lesson, const MixtureWeights& before) {
  const Problem problem(lesson, before);
  std::array<bool, 2> free = {!lesson.network.empty(), true};
  Weights2 weights = {free[0] ? static_cast<double>(before.network) : 0.0, static_cast<double>(before.wide)};
  weights = least(problem, weights, free);
  for (const std::size_t half : {0U, 1U})
    if (weights[half] < 0) {  // of a half that is worse than none: the other alone
      weights[half] = 0;
      free[half] = false;
      weights = least(problem, weights, free);
    }
  return {.network = static_cast<float>(std::max(weights[0], 0.0)),
          .wide = static_cast<float>(std::max(weights[1], 0.0))};
}

}  // namespace rondo::wide
