/// Logistic regression of two classes on sparse features, by dual coordinate descent.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "wide/features.h"

namespace rondo::wide {

/// Minimises over w and b
///
///     1/2 (|w|² + b²) + sum over texts of cost · log(1 + exp(-y (w·x + b)))
///
/// where y is 1 or -1, and x has for each n-gram of the text its value, else 0.
struct BinaryProblem {
  const Features& texts;
  std::span<const float> values;   ///< of each n-gram
  std::span<const std::int8_t> y;  ///< of each text: 1 or -1
  std::span<const float> costs;    ///< of each text, 0 or more
};

struct BinarySolution {
  std::vector<float> weights;  ///< what a text gains by each n-gram: w times its value
  float bias = 0;
  int passes = 0;  ///< over the texts
};

/// Dual coordinate descent (Hsieh et al. 2008) for logistic regression (Yu, Huang and Lin 2011, algorithm 5).
/// The texts are visited in an order drawn anew each pass, the same in every call; so the result is a
/// function of the problem. Ends when no gradient of a pass exceeds `tolerance`, after `most_passes`, or when
/// `stop`, asked after every pass, says so.
BinarySolution solve(const BinaryProblem& problem, const std::function<bool()>& stop = {},
                     double tolerance = 0.1, int most_passes = 200);

}  // namespace rondo::wide
