/// From predictions to a ClassifierEvaluation.
#pragma once
#include <span>
#include <string>
#include <vector>

#include <rondo/tasks/classify.h>

namespace rondo {

/// Scores one prediction for each example of `data`, whose classes are numbered as in `names`.
ClassifierEvaluation evaluate_predictions(const Dataset& data, std::span<const Prediction> predictions,
                                          const std::vector<std::string>& names, int worst);

}  // namespace rondo
