/// A network and a wide classifier that answer together (MixtureWeights, rondo/wide.h).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include <rondo/wide.h>

namespace rondo::wide {

/// The probabilities of both together, one for each class. `network` has the network's probabilities, or is
/// empty where there is none; `scores` are WideClassifier::scores(). Allocates nothing.
void mix(std::span<const float> network, std::span<const float> scores, const MixtureWeights& weights,
         std::span<float> probabilities);

/// What both halves say of texts whose class is known, and what each text counts (empty: 1).
struct MixtureLesson {
  std::vector<std::vector<float>> network, scores;  ///< `network` is empty where there is none
  std::vector<std::int32_t> labels;
  std::vector<float> costs = {};
};

/// The weights, not negative, that make the log loss of the texts least. Few texts say little: a pull of
/// 1/2 · |weights - before|² on the summed loss keeps the weights near `before` then. The problem is strictly
/// convex, so there is one answer; sums go over the texts in order.
MixtureWeights fitted_weights(const MixtureLesson& lesson, const MixtureWeights& before);

}  // namespace rondo::wide
