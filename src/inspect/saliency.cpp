// What a number depends on: gradients at the input of a network, and along a path to it.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <rondo/error.h>
#include <rondo/inspect.h>

#include "base/message.h"

namespace rondo::inspect {
namespace {

struct Node {
  double at, weight;
};

/// Gauss and Legendre's rule on [0, 1]: exact for polynomials of degree 2 · count - 1. Newton's method from
/// the usual guess for each root.
std::vector<Node> gauss_legendre(int count) {
  std::vector<Node> nodes;
  for (int i = 0; i < count; ++i) {
    double x = std::cos(std::numbers::pi * (i + 0.75) / (count + 0.5)), slope = 1;
    for (int step = 0; step < 50; ++step) {
      double p = 1, before = 0;
      for (int k = 0; k < count; ++k)
        before = std::exchange(p, ((2 * k + 1) * x * p - k * before) / (k + 1));
      slope = count * (x * p - before) / (x * x - 1);
      x -= p / slope;
    }
    nodes.push_back({(1 + x) / 2, 1 / ((1 - x * x) * slope * slope)});
  }
  return nodes;
}

struct Gradient {
  double value;
  Input input;
};

/// The number and its gradient at the input, whose rows are multiplied by `factor`.
Gradient gradient_at(const std::function<Var()>& value, const std::string& name, double factor) {
  Watch watch;
  if (factor != 1) watch.scale(name, factor);
  const Recording recording({.dropout = false});
  const Var number = value();
  if (number.tracked()) number.backward();
  for (const Input& input : watch.inputs())
    if (input.name == name || name.empty()) return {number.value().at(0), input};
  fail(ErrorKind::usage, "saliency: the network has no " +
                             (name.empty() ? std::string("embedding or recurrent layer that reads numbers")
                                           : "input " + quote(name) + "; Watch::inputs() has their names"));
}

/// Sums over the columns of each step's row: a · b.
std::vector<double> products(const Tensor& a, const Tensor& b, const Layout& layout) {
  std::vector<double> sums(static_cast<std::size_t>(layout.length(0)), 0);
  if (a.empty() || b.empty()) return sums;
  for (std::size_t t = 0; t < sums.size(); ++t) {
    const std::int64_t first = layout.row(0, static_cast<std::int64_t>(t)) * a.columns();
    for (std::int64_t j = 0; j < a.columns(); ++j)
      sums[t] += a.at(first + j) * b.at(first + j);
  }
  return sums;
}

}  // namespace

double Saliency::missing() const {
  return value - baseline - std::accumulate(integrated.begin(), integrated.end(), 0.0);
}

Saliency saliency(const std::function<Var()>& value, const std::string& input, int points) {
  if (points < 0 || points > 64)
    fail(ErrorKind::option, "saliency: wanted 0 to 64 points, got " + std::to_string(points));
  const Gradient here = gradient_at(value, input, 1);
  const std::string name = here.input.name;
  const Layout& layout = *here.input.layout;
  const Tensor& x = here.input.rows;
  Saliency result{.value = here.value,
                  .gradient_norm = products(here.input.gradient, here.input.gradient, layout),
                  .gradient_input = products(here.input.gradient, x, layout)};
  for (double& square : result.gradient_norm)
    square = std::sqrt(square);
  if (points == 0) return result;
  result.integrated.assign(result.gradient_norm.size(), 0);
  for (const Node& node : gauss_legendre(points)) {
    const std::vector<double> along = products(gradient_at(value, name, node.at).input.gradient, x, layout);
    for (std::size_t t = 0; t < along.size(); ++t)
      result.integrated[t] += node.weight * along[t];
  }
  Watch watch;
  watch.scale(name, 0);
  result.baseline = value().value().at(0);
  return result;
}

}  // namespace rondo::inspect
